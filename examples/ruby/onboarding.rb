# frozen_string_literal: true

# The app under test. It knows nothing of any mock: only base URLs and credentials differ between a test and production.
require "json"
require "net/http"
require "openssl"
require "securerandom"

module Onboarding
  class Refused < StandardError; end

  module_function

  # Ask Cloudcheck to verify a person: "approved", "review" or "rejected".
  def verify_person(base_url, key, secret, details, reference)
    path = "/verify/"
    params = {
      "data" => JSON.generate({details: details, reference: reference, consent: "Yes"}),
      "key" => key,
      "nonce" => SecureRandom.hex(16),
      "timestamp" => (Time.now.to_f * 1000).to_i.to_s
    }
    canonical = path + params.sort.map { |name, value| "#{name}=#{value};" }.join
    params["signature"] = OpenSSL::HMAC.hexdigest("SHA256", secret, canonical)
    answer = JSON.parse(Net::HTTP.post_form(URI(base_url.chomp("/") + path), params).body)
    verification = answer.fetch("verification", answer)
    raise Refused, "Cloudcheck refused with #{verification["error"]}: #{verification["message"]}" if verification["error"]
    return "review" if verification["pepMatches"]

    verification["verificationSuccess"] ? "approved" : "rejected"
  end

  # Ask Shufti Pro to screen a person; the decision comes to the callback URL, too. The event that is answered at once.
  def screen_person(base_url, client_id, secret_key, name, dob, reference, callback_url)
    uri = URI(base_url)
    uri.path = "/" if uri.path.empty?
    request = Net::HTTP::Post.new(uri, "Content-Type" => "application/json")
    request.basic_auth(client_id, secret_key)
    request.body = JSON.generate(
      {reference: reference, callback_url: callback_url, background_checks: {name: name, dob: dob}}
    )
    answer = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https") { |http| http.request(request) }
    raise Refused, "the answer is not signed by Shufti Pro" unless genuine?(answer.body, answer["Signature"], secret_key)

    JSON.parse(answer.body).fetch("event")
  end

  # Whether Shufti Pro sent these bytes: SHA-256 over the body and the hashed secret key, as for accounts since March 2023.
  def genuine?(body, signature, secret_key)
    expected = OpenSSL::Digest::SHA256.hexdigest(body + OpenSSL::Digest::SHA256.hexdigest(secret_key))
    OpenSSL.secure_compare(expected, signature.to_s)
  end

  # A receiver of Shufti Pro's callbacks takes the bytes and the header. The decision, nil for a forgery.
  def decision(body, signature, secret_key)
    JSON.parse(body).values_at("reference", "event") if genuine?(body, signature, secret_key)
  end
end
