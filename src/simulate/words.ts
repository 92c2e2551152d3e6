/** What groups are about: `urlkey`, name, and the category it belongs to. */
export interface Topic {
  readonly urlkey: string;
  readonly topic_name: string;
  readonly category: Category;
}

export interface Category {
  readonly id: number;
  readonly name: string;
  readonly shortname: string;
}

const TOPIC_TEXT: readonly (readonly [id: number, name: string, shortname: string, topics: string])[] = [
  [
    34,
    "tech",
    "tech",
    "Software Development|Web Development|JavaScript|Python|Machine Learning|Open Source|Data Science|Cloud Computing|Startup Businesses|Internet of Things|Computer Programming|Mobile Development",
  ],
  [
    9,
    "fitness",
    "fitness",
    "Running|Yoga|Trail Running|Fitness|Weekend Sports|Swimming|Strength Training|Walking",
  ],
  [
    23,
    "outdoors & adventure",
    "outdoors-adventure",
    "Hiking|Camping|Kayaking|Backpacking|Nature Walks|Rock Climbing|Cycling|Outdoors|Wilderness Photography",
  ],
  [
    31,
    "socializing",
    "socializing",
    "Social Networking|New In Town|Making New Friends|Coffee and Conversation|Young Professionals|Pubs and Bars|Fun Times|Board Games|Weekend Getaways",
  ],
  [
    16,
    "language & ethnic identity",
    "language",
    "Language Exchange|Spanish Language|French Language|Expat|International Friends|Japanese Culture|Intercultural Exchange",
  ],
  [21, "music", "music", "Live Music|Singing|Guitar|Jazz|Songwriting|Karaoke|Drum Circles"],
  [5, "dancing", "dancing", "Salsa|Swing Dancing|Tango|Ballroom Dancing|Social Dancing"],
  [
    10,
    "food & drink",
    "food-drink",
    "Dining Out|Wine Tasting|Vegan|Craft Beer|Cooking|Coffee|Exploring New Restaurants",
  ],
  [
    2,
    "career & business",
    "career-business",
    "Entrepreneurship|Public Speaking|Professional Networking|Small Business|Marketing|Freelancers",
  ],
  [
    27,
    "photography",
    "photography",
    "Photography|Landscape Photography|Street Photography|Portrait Photography",
  ],
  [18, "book clubs", "book-clubs", "Book Club|Creative Writing|Science Fiction|Philosophy|Poetry"],
  [
    32,
    "sports & recreation",
    "sports-recreation",
    "Volleyball|Soccer|Badminton|Tennis|Recreational Sports|Table Tennis|Ultimate Frisbee",
  ],
  [
    22,
    "new age & spirituality",
    "spirituality",
    "Meditation|Mindfulness|Self-Improvement|Wellness|Positive Thinking|Healthy Living",
  ],
];

export const TOPICS: readonly Topic[] = TOPIC_TEXT.flatMap(([id, name, shortname, topics]) =>
  topics.split("|").map((topic) => ({
    urlkey: topic.toLowerCase().replaceAll(" ", "-"),
    topic_name: topic,
    category: { id, name, shortname },
  })),
);

const words = (text: string): readonly string[] => text.split(" ");

export const GIVEN_NAMES = words(
  "Ada Alan Amir Ana Anika Arun Bea Björn Carla Chen Chloé Dana Diego Elif Emma Eva Farah Felix Grace Hana Hugo Ines Ivan Jan Jesse José Jun Kai Katya Lars Leila Lena Liam Lucía Maja Marco Mei Mina Nadia Nils Noor Olga Omar Pat Petra Priya Rafael Robin Rosa Ruth Sam Sara Sofia Tariq Tom Uma Vera Wei Yuki Zoë",
);
export const FAMILY_NAMES = words(
  "Adler Baker Costa Dietz Evans Fischer Garcia Hughes Ivanov Jensen Kim Lopez Meyer Nguyen Okafor Patel Quinn Rossi Silva Tanaka Ueda Varga Weber Xu Young Zimmer",
);
export const GROUP_KINDS = words(
  "Meetup Society Club Collective Circle Explorers Enthusiasts Network Friends Group",
);
export const EVENT_FORMS: readonly string[] = [
  "Weekly {topic} Meetup",
  "{topic} for Beginners",
  "{topic} Night",
  "Sunday Morning {topic}",
  "An Evening of {topic} & Good Company",
  "{topic} Social at {venue}",
  "{topic}: Talks, Pizza and Questions",
  "Monthly {topic} Gathering",
  "Introduction to {topic} — free, all are welcome",
  "{topic} in the Park",
];
export const VENUE_NAMES: readonly string[] = [
  "The Blue Door",
  "Café Meridian",
  "Old Mill Library",
  "Harbour Hall",
  "Riverside Park Pavilion",
  "Studio 12",
  "The Copper Kettle",
  "Union Community Center",
  "Northgate Climbing Hall",
  "Corner Stage",
  "Maple Street Church Hall",
  "The Foundry Coworking",
  "Lakeside Trailhead",
  "Hotel Astra Lobby",
  "Green Lantern Pub",
  "City Museum, Room 3",
];
export const STREETS = words("Main Oak Station Mill Park Church Market River Hill Garden Bridge School");
export const COMMENTS: readonly string[] = [
  "Looking forward to this!",
  "Is there parking nearby?",
  "Sorry, I can't make it after all. Have fun!",
  "What a great evening, thank you for organizing.",
  "First time for me, see you all there :)",
  "May I bring a friend?",
  "Running 10 minutes late, please wait for me.",
  "Could someone share a ride from downtown?",
];
