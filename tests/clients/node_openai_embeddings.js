// SPDX-License-Identifier: MIT
// The npm package `openai` (NODE_PATH says where) asks for vectors, as base64 unless BODY says
// otherwise, and prints each one's place and numbers.
const { OpenAI } = require('openai');

const [url, key, body] = process.argv.slice(2);
const baseURL = url.replace('/embeddings', '');
const client = new OpenAI({ apiKey: key, baseURL, maxRetries: 0, timeout: 20000 });

async function main() {
  const answer = await client.embeddings.create(JSON.parse(body));
  const data = answer.data.map((item) => ({ index: item.index, embedding: Array.from(item.embedding) }));
  console.log(JSON.stringify({ data, usage: answer.usage }));
}

main().catch((error) => {
  console.error(`${error.constructor.name} ${error.status}: ${error.message}`);
  process.exitCode = error.status ? 22 : 7;
});
