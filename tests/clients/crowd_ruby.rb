# SPDX-License-Identifier: MIT
# A crowd in one process: COUNT threads ask the same at once by Ruby's net/http.
# usage: crowd_ruby.rb URL KEY BODY COUNT
require 'net/http'

address, KEY, BODY, count = ARGV
URL = URI(address)

def ask
  Net::HTTP.start(URL.hostname, URL.port, use_ssl: true, read_timeout: 20) do |http|
    request = Net::HTTP::Post.new(URL.request_uri, 'Authorization' => "Bearer #{KEY}",
                                                   'Content-Type' => 'application/json')
    request.body = BODY
    http.request(request).body
  end
end

Array.new(count.to_i) { Thread.new { ask } }.each { |thread| puts thread.value }
