// SPDX-License-Identifier: MIT
// An agent in Node, as agent_asyncio.py: URL KEY TURNS [PLACE [SEED]]; it speaks Anthropic's dialect,
// and PLACE is `system` or `none`.
'use strict';

const https = require('https');

const [address, key, count, place, seed = '1'] = process.argv.slice(2);
const agent = new https.Agent({ keepAlive: true });
const rules = Array.from({ length: 60 }, (_, number) =>
  `Rule ${number}: a letter that weighs ${number * 9} grams is franked at counter ${number}, and is ` +
  'never sent back before its sender has been asked.\n').join('');

function post(body) {
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body) };
  if (process.env.AGENT_HOST) headers.Host = process.env.AGENT_HOST;
  return new Promise((resolve, reject) => {
    const request = https.request(address, { method: 'POST', agent, headers }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve(JSON.parse(Buffer.concat(parts))));
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function main() {
  const messages = [];
  for (let turn = 0; turn < Number(count); turn++) {
    const stamp = place === 'none' ? '' : `It is ${new Date(1795783467000 + turn * 41000).toISOString()}.\n`;
    messages.push({ role: 'user', content: `Question ${seed}.${turn}: which counter?` });
    const answer = await post(JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 100,
      system: `You are a clerk.\n${stamp}${rules}`, messages }));
    const text = answer.content[0].text;
    messages.push({ role: 'assistant', content: text });
    console.log(JSON.stringify({ text, cached: answer.usage.cache_read_input_tokens }));
  }
  agent.destroy();
}

main();
