# SPDX-License-Identifier: MIT
# An agent in Ruby, as agent_asyncio.py: URL KEY TURNS [PLACE [SEED]]; PLACE is `system` or `none`.
# Anthropic's dialect, where URL ends so, is spoken with a system text that stands in a list.
require 'json'
require 'net/http'
require 'openssl'
require 'time'

address, key, count, place, seed = ARGV
url = URI(address)
rules = (1..60).map do |number|
  "Rule #{number}: guests with luggage piece #{number} are shown to hall #{number * 7}, without " \
    "haste, and are told where their next train will leave from and when.\n"
end.join
began = Time.utc(2026, 11, 27, 13, 4, 27) + ENV.fetch('AGENT_CLOCK', '0').to_i
turns = []
Net::HTTP.start(url.hostname, url.port, use_ssl: true, read_timeout: 20) do |http|
  count.to_i.times do |turn|
    now = place == 'none' ? '' : "Now: #{(began + 41 * turn).httpdate}\n"
    turns << { role: 'user', content: "Question #{seed}.#{turn}: which train?" }
    system = { role: 'system', content: "You are a porter.\n#{now}#{rules}" }
    request = Net::HTTP::Post.new(url.request_uri, 'Authorization' => "Bearer #{key}",
                                                   'Content-Type' => 'application/json')
    request['Host'] = ENV['AGENT_HOST'] if ENV['AGENT_HOST']
    body = { model: 'gpt-4o-mini', temperature: 0, messages: [system] + turns }
    if address.end_with?('/messages')
      body = { model: 'claude-sonnet-4-5', max_tokens: 100, messages: turns,
               system: [{ type: 'text', text: system[:content] }] }
    end
    request.body = JSON.generate(body)
    answer = JSON.parse(http.request(request).body)
    text = answer.dig('content', 0, 'text') || answer.dig('choices', 0, 'message', 'content')
    turns << { role: 'assistant', content: text }
    cached = answer.dig('usage', 'cache_read_input_tokens') ||
             answer.dig('usage', 'prompt_tokens_details', 'cached_tokens')
    puts JSON.generate(text: text, cached: cached)
  end
end
