// Counts the tokens (o200k_base) of each text in a JSON list on stdin; prints a JSON list of numbers.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.PEERS}/`);
const { countTokens } = require("gpt-tokenizer/encoding/o200k_base");

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map((text) => countTokens(text))));
