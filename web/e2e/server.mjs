// Starts the program under test on a free port with a folder of its own, and
// stops it: the checks see exactly what somebody sees who runs it.

import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const PATIENCE = 120_000;

/** Starts `program`; resolves once it serves. `command` is "serve" or "demo". */
export function start(program, command, folder) {
  const data = path.join(folder, "data");
  const mail = path.join(folder, "mail");
  fs.mkdirSync(mail, { recursive: true });
  // People who sign in by a password alone; people.mjs sets a second factor up.
  const rules = command === "serve" ? ["--second-factor", "off"] : [];
  // Port 0 lets the system choose a free one.
  const child = spawn(
    program,
    [command, "--data", data, "--mail", mail, "--listen", "127.0.0.1:0", "--language", "en", ...rules],
    { env: { ...process.env, LANG: "C.UTF-8" }, stdio: ["ignore", "pipe", "pipe"] },
  );
  return new Promise((resolve, reject) => {
    let printed = "";
    const give = setTimeout(() => finish(new Error("did not start in time")), PATIENCE);
    function finish(error) {
      clearTimeout(give);
      if (!error) return;
      child.kill("SIGTERM");
      reject(new Error(`${command}: ${error.message}\n${printed.slice(-2000)}`));
    }
    function read(chunk) {
      printed += chunk;
      const address = printed.match(/Running at\s+(http:\S+)/)?.[1];
      const setupCode = printed.match(/code:\s*([0-9A-Z ]{12,})/)?.[1]?.trim();
      const signInLink = printed.match(/http:\S+\/sign-in\/\S+/)?.[0];
      if (!address || (command === "demo" ? !signInLink : !setupCode)) return;
      finish();
      resolve({ program, address, setupCode, signInLink, mail, data, stop: () => stop(child) });
    }
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", finish);
    child.on("exit", (status) => finish(new Error(`ended with status ${status}`)));
  });
}

function stop(child) {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => {
    const hurry = setTimeout(() => child.kill("SIGKILL"), 15_000);
    child.on("exit", (status) => {
      clearTimeout(hurry);
      resolve(status);
    });
    child.kill("SIGTERM");
  });
}
