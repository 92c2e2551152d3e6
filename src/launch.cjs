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
  require("node:module").enableCompileCache?.();
  require(bundle).run();
};
