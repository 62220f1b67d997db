# frozen_string_literal: true

# ruby test_onboarding.rb, against a running mock server (MOCK_SERVER_URL). Each test has an account of its own.
require "minitest/autorun"
require "socket"
require_relative "onboarding"

class OnboardingTest < Minitest::Test
  URL = ENV.fetch("MOCK_SERVER_URL", "http://127.0.0.1:8484")
  PERSON = {name: {given: "Tamsin", family: "Okafor"}, dateofbirth: "1987-03-14"}.freeze

  # A fresh account. It needs no set-up: it exists from its first request.
  def setup
    @account = "test-#{SecureRandom.hex(8)}"
    @secret = "#{@account}-secret"
  end

  # A call of the control API, for this test's account.
  def control(method, path, body = nil)
    uri = URI("#{URL}/__admin/#{path}#{path.include?("?") ? "&" : "?"}account=#{@account}")
    request = Net::HTTP.const_get(method.capitalize).new(uri)
    request.body = JSON.generate(body) if body
    JSON.parse(Net::HTTP.start(uri.host, uri.port) { |http| http.request(request) }.body)
  end

  def verify(secret = @secret)
    Onboarding.verify_person(URL, @account, secret, PERSON, "customer-1")
  end

  def test_an_ordinary_customer_is_approved
    assert_equal "approved", verify
  end

  def test_a_politically_exposed_person_goes_to_a_reviewer
    scenario = {name: "exposed", match: {operation: "verify"}, respond: {outcome: "pep-match"}}
    control("POST", "scenarios", {version: 1, provider: "cloudcheck", scenarios: [scenario]})
    assert_equal "review", verify
  end

  def test_a_wrong_secret_is_refused_with_the_reason
    error = assert_raises(Onboarding::Refused) { verify("#{@secret}\n") }
    assert_includes error.message, "106"
    newest = control("GET", "requests?limit=1").fetch("requests").first
    explanation = control("GET", "requests/#{newest.fetch("id")}/explain")
    refute_empty explanation.fetch("mistakes")
  end

  def test_the_callback_arrives_signed
    server = TCPServer.new("127.0.0.1", 0)
    decided = Thread.new { receive(server) }
    hook = "http://127.0.0.1:#{server.addr[1]}/callback"
    name = {first_name: "Mārama", last_name: "O'Connor"}
    event = Onboarding.screen_person(URL, @account, @secret, name, "1979-11-04", "customer-3", hook)
    assert_equal "verification.accepted", event
    answer = control("GET", "callbacks/wait?reference=customer-3&outcome=delivered&timeout=10s")
    assert_equal 200, answer.dig("callbacks", 0, "attempts", 0, "status")
    assert_equal %w[customer-3 verification.accepted], decided.value
  ensure
    server&.close
  end

  # One callback, read and answered.
  def receive(server)
    client = server.accept
    headers = {}
    client.gets
    while (line = client.gets.chomp) != ""
      name, value = line.split(": ", 2)
      headers[name.downcase] = value
    end
    body = client.read(headers.fetch("content-length").to_i)
    client.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    client.close
    Onboarding.decision(body, headers["signature"], @secret)
  end
end
