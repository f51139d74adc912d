# SPDX-License-Identifier: MIT
# Ruby's net/http: a socket BIO made non-blocking by Ruby, one connection for all requests;
# CLIENT_PAUSE milliseconds pass behind every answer.
require 'net/http'
require 'openssl'

address, key, body, count, step = ARGV
url = URI(address)
status = 0
options = { use_ssl: url.scheme == 'https', read_timeout: 20 }
Net::HTTP.start(url.hostname, url.port, **options) do |http|
  (count || 1).to_i.times do |index|
    number = 1 + index * (step || 1).to_i
    request = Net::HTTP::Post.new(url.request_uri,
                                  'Authorization' => "Bearer #{key}",
                                  'Content-Type' => 'application/json')
    request.body = body.gsub('@N@', number.to_s)
    http.request(request) do |response|
      response.read_body { |piece| $stdout.write(piece) }
      $stdout.write("\n")
      status = 22 if response.code.to_i >= 300
    end
    sleep ENV.fetch('CLIENT_PAUSE', '0').to_i / 1000.0
  end
end
exit status
