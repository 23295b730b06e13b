// Reads AsyncAPI documents with the official parser, and makes models of one with Modelina.
//
//   node models.js accept FILE...          one line of JSON a file: its name and what the parser says of it
//   node models.js models FILE FOLDER      TypeScript in FOLDER/models, Python in FOLDER/python/models and FOLDER/pydantic
import fs from "node:fs";
import path from "node:path";

import { PYTHON_PYDANTIC_PRESET, PythonFileGenerator, TypeScriptFileGenerator } from "@asyncapi/modelina";
import { Parser } from "@asyncapi/parser";

// What `asyncapi validate` of @asyncapi/cli does too, whose 448 MB of packages are not installed for it. Its version 6.2.0 was run by hand: no error,
// no warning and this one notice for each document.
//
// The parser would rather have 3.1, which came after 3.0 and adds nothing for NATS.
const NEWER = "asyncapi-latest-version";

const [task, ...rest] = process.argv.slice(2);
if (task === "accept") {
  const parser = new Parser();
  for (const file of rest) {
    const { document, diagnostics } = await parser.parse(fs.readFileSync(file, "utf8"), { source: file });
    const said = diagnostics.filter(({ code }) => code !== NEWER);
    const told = said.map(({ code, message, path: at }) => `${code}: ${message} (${at.join("/")})`);
    const operations = document?.operations().all().length ?? 0;
    console.log(JSON.stringify({ file: path.basename(file), operations, told }));
  }
} else {
  const [file, folder] = rest;
  const document = JSON.parse(fs.readFileSync(file, "utf8"));
  const typescript = new TypeScriptFileGenerator({
    modelType: "interface",
    mapType: "record",
    moduleSystem: "ESM",
    rawPropertyNames: true,
  });
  await typescript.generateToFiles(document, path.join(folder, "models"), { exportType: "named" }, true);
  const options = { packageName: "models" };
  await new PythonFileGenerator().generateToFiles(document, path.join(folder, "python/models"), options, true);
  const pydantic = new PythonFileGenerator({ presets: [PYTHON_PYDANTIC_PRESET] });
  await pydantic.generateToFiles(document, path.join(folder, "pydantic/models"), options, true);
}
