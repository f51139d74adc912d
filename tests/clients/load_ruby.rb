# SPDX-License-Identifier: MIT
# Ruby's net/http in 50 threads, each with a connection of its own; see load.py.
require 'digest'
require 'json'
require 'net/http'

REQUESTS = 200
CONNECTIONS = 50
SHARE = REQUESTS / CONNECTIONS

address, KEY, TAG, rounds = ARGV
URL = URI(address)
Results = Queue.new

def descriptors
  Dir.children('/proc/self/fd').size
end

def body_of(round, index)
  text = index.even? ? "Kept #{index}" : "New #{index} #{round} #{TAG}"
  JSON.generate(model: 'gpt-4o-mini', messages: [{ role: 'user', content: text }])
end

def ask(http, body)
  request = Net::HTTP::Post.new(URL.request_uri, 'Authorization' => "Bearer #{KEY}",
                                                 'Content-Type' => 'application/json')
  request.body = body
  answer = http.request(request).body
  good = answer.include?("\"Re #{Digest::SHA256.hexdigest(body)[0, 12]}:")
  warn "wrong: #{body} got #{answer[0, 300]}" unless good
  Results << good
end

def work(round, first)
  Net::HTTP.start(URL.hostname, URL.port, use_ssl: true, read_timeout: 20) do |http|
    (first * SHARE...(first + 1) * SHARE).each { |index| ask(http, body_of(round, index)) }
  end
end

before = descriptors
rounds.to_i.times do |round|
  Array.new(CONNECTIONS) { |first| Thread.new { work(round, first) } }.each(&:join)
end
right = wrong = 0
(Results.pop ? right += 1 : wrong += 1) until Results.empty?
leaked = descriptors - before
100.times do
  break unless leaked.positive?

  GC.start
  sleep 0.02
  leaked = descriptors - before
end
puts "right #{right} wrong #{wrong} leaked #{leaked}"
exit(wrong.positive? || leaked.positive? ? 1 : 0)
