/** Somewhere that groups meet. */
export interface City {
  readonly name: string;
  readonly lat: number;
  readonly lon: number;
}

/** A state of the US, or another country. */
export interface Place {
  /** ISO 3166, lower case, as the API gives it. */
  readonly country: string;
  /** Two letters, upper case; only in the US. */
  readonly state?: string;
  /** Hours ahead of UTC, summer time left aside. */
  readonly utcOffset: number;
  readonly cities: readonly City[];
  /** The part of all messages that comes from here; they add up to 1. */
  readonly share: number;
}

/** The part of the recorded stream that came from the US. */
const US_SHARE = 0.417;

/** States by share, greatest first: `state offset city lat lon [; city lat lon]`. */
const STATES = `
CA -8 Los Angeles 34.05 -118.24; San Francisco 37.77 -122.42; San Diego 32.72 -117.16
NY -5 New York 40.75 -73.99; Buffalo 42.89 -78.88
TX -6 Austin 30.27 -97.74; Houston 29.76 -95.37; Dallas 32.79 -96.77
FL -5 Miami 25.77 -80.19; Orlando 28.54 -81.38; Tampa 27.95 -82.46
PA -5 Philadelphia 39.95 -75.17; Pittsburgh 40.44 -80
IL -6 Chicago 41.88 -87.63
OH -5 Columbus 39.96 -83; Cleveland 41.5 -81.69
NC -5 Charlotte 35.23 -80.84; Raleigh 35.78 -78.64
MA -5 Boston 42.36 -71.06
NJ -5 Jersey City 40.73 -74.08
VA -5 Richmond 37.54 -77.44; Arlington 38.88 -77.1
GA -5 Atlanta 33.75 -84.39
WA -8 Seattle 47.61 -122.33
DC -5 Washington 38.91 -77.04
CO -7 Denver 39.74 -104.99; Boulder 40.01 -105.27
AZ -7 Phoenix 33.45 -112.07
MD -5 Baltimore 39.29 -76.61
MI -5 Detroit 42.33 -83.05; Ann Arbor 42.28 -83.74
MN -6 Minneapolis 44.98 -93.27
OR -8 Portland 45.52 -122.68
CT -5 Hartford 41.77 -72.67
TN -6 Nashville 36.16 -86.78
MO -6 Saint Louis 38.63 -90.2; Kansas City 39.1 -94.58
WI -6 Madison 43.07 -89.4
IN -5 Indianapolis 39.77 -86.16
UT -7 Salt Lake City 40.76 -111.89
NV -8 Las Vegas 36.17 -115.14
SC -5 Charleston 32.78 -79.93
LA -6 New Orleans 29.95 -90.07
KY -5 Louisville 38.25 -85.76
AL -6 Birmingham 33.52 -86.8
KS -6 Wichita 37.69 -97.34
NH -5 Manchester 42.99 -71.46
OK -6 Tulsa 36.15 -95.99
NM -7 Albuquerque 35.08 -106.65
ME -5 Portland 43.66 -70.26
VT -5 Burlington 44.48 -73.21
RI -5 Providence 41.82 -71.41
DE -5 Wilmington 39.75 -75.55
HI -10 Honolulu 21.31 -157.86
ID -7 Boise 43.62 -116.2
IA -6 Des Moines 41.59 -93.62
NE -6 Omaha 41.26 -95.94
AR -6 Little Rock 34.75 -92.29
AK -9 Anchorage 61.22 -149.9`;

/** Other countries: `country weight offset city lat lon [; …]`; weights as counted in the recording, smoothed. */
const COUNTRIES = `
gb 247 0 London 51.52 -0.1; Manchester 53.48 -2.24; Bristol 51.45 -2.59
au 120 10 Sydney -33.87 151.21; Melbourne -37.81 144.96
de 59 1 Berlin 52.52 13.38; München 48.14 11.58; Köln 50.95 6.97
es 59 1 Barcelona 41.4 2.17; Madrid 40.42 -3.71
fr 41 1 Paris 48.86 2.34; Lyon 45.76 4.84
ca 38 -5 Toronto 43.7 -79.42; Montréal 45.52 -73.57; Vancouver 49.26 -123.11
nl 31 1 Amsterdam 52.37 4.89
il 30 2 Tel Aviv-Yafo 32.07 34.77
jp 29 9 Tokyo 35.67 139.77; Osaka 34.68 135.52
ae 29 4 Dubai 25.27 55.33
hk 19 8 Hong Kong 22.28 114.14
in 19 5.5 Bangalore 12.97 77.56; Pune 18.53 73.84
ie 17 0 Dublin 53.33 -6.25
kr 15 9 Seoul 37.56 126.99
sg 15 8 Singapore 1.3 103.85
th 15 7 Bangkok 13.73 100.5
ch 15 1 Zürich 47.38 8.54; Genève 46.21 6.14
dk 10 1 København 55.68 12.57
be 9 1 Brussels 50.83 4.33
pl 7 1 Warszawa 52.24 21.01; Kraków 50.06 19.96
tw 6 8 Taipei 25.02 121.45
se 6 1 Stockholm 59.33 18.07
at 6 1 Wien 48.22 16.37
za 4 2 Cape Town -33.93 18.46
it 4 1 Milano 45.48 9.19
nz 4 12 Auckland -36.85 174.76
no 3 1 Oslo 59.91 10.75
br 3 -3 São Paulo -23.53 -46.63
pt 3 0 Lisboa 38.72 -9.14
cz 3 1 Praha 50.08 14.43
mx 2 -6 México City 19.43 -99.14
fi 2 2 Helsinki 60.17 24.94`;

/** Everywhere in this world; the states come first, in the order of their shares. */
export const PLACES: readonly Place[] = [...states(), ...countries()];

/** The states that a story can name. */
export const STATE_NAMES: readonly string[] = PLACES.flatMap(({ state }) => state ?? []);

/**
 * Zipf's law as Mandelbrot wrote it, 1/(rank + 10)^2.5: chosen so that the greatest share of the US, 14 %, and the
 * entropy over states, 4.5 bits, are near those recorded (12 % and 4.48 bits).
 */
function states(): Place[] {
  const rows = STATES.trim().split("\n");
  const weights = rows.map((_, index) => (index + 11) ** -2.5);
  return rows.map((row, index) => {
    const [, state = "", utcOffset, cities = ""] = /^(\w+) (\S+) (.*)$/.exec(row) ?? [];
    const share = (US_SHARE * weights[index]!) / sum(weights);
    return { country: "us", state, utcOffset: Number(utcOffset), cities: citiesIn(cities), share };
  });
}

function countries(): Place[] {
  const rows = COUNTRIES.trim().split("\n");
  const parsed = rows.map((row) => {
    const [, country = "", weight, utcOffset, cities = ""] = /^(\w+) (\d+) (\S+) (.*)$/.exec(row) ?? [];
    return { country, weight: Number(weight), utcOffset: Number(utcOffset), cities: citiesIn(cities) };
  });
  const total = sum(parsed.map(({ weight }) => weight));
  return parsed.map(({ weight, ...place }) => ({ ...place, share: ((1 - US_SHARE) * weight) / total }));
}

function citiesIn(text: string): City[] {
  return text.split("; ").map((entry) => {
    const [, name = "", lat, lon] = /^(.*) (\S+) (\S+)$/.exec(entry) ?? [];
    return { name, lat: Number(lat), lon: Number(lon) };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
