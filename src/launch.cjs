"use strict";

/**
 * Runs one built executable. Kept in plain JavaScript, for it must run before anything is built.
 *
 * @param {string} tool
 */
module.exports = function launch(tool) {
  const path = require("node:path");
  const bundle = path.join(__dirname, "..", "dist", `${tool}.js`);
  if (!require("node:fs").existsSync(bundle)) {
    process.stderr.write(
      `${tool}: it is not built yet; run ${path.join(__dirname, "..", "scripts", "setup.sh")} once\n`,
    );
    process.exitCode = 69;
    return;
  }
  // Compiled code is kept beside the bundles, where Node.js can (22.8 and later) and the folder may be written.
  require("node:module").enableCompileCache?.(path.join(path.dirname(bundle), ".compiled"));
  require(bundle).run();
};
