// SPDX-License-Identifier: MIT
// The npm package `openai` (NODE_PATH says where): prints what the SDK understood, as JSON.
// All requests at once; the URL's last two parts are the SDK's own.
const { OpenAI } = require('openai');

const [url, key, body, count = '1', step = '1'] = process.argv.slice(2);
const baseURL = url.replace('/chat/completions', '');
const client = new OpenAI({ apiKey: key, baseURL, maxRetries: 0, timeout: 20000 });

async function post(number) {
  const request = JSON.parse(body.replaceAll('@N@', String(number)));
  const answer = await client.chat.completions.create(request);
  if (!request.stream) return JSON.stringify(answer);
  const lines = [];
  for await (const event of answer) lines.push(JSON.stringify(event));
  return lines.join('\n');
}

async function main() {
  const numbers = Array.from({ length: Number(count) }, (_, index) => 1 + index * Number(step));
  for (const text of await Promise.all(numbers.map(post))) console.log(text);
}

main().catch((error) => {
  console.error(`${error.constructor.name} ${error.status}: ${error.message}`);
  process.exitCode = error.status ? 22 : 7;
});
