#include "http/message.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include <boost/json/serialize.hpp>

#include "base/number.hpp"
#include "http/ascii.hpp"

namespace seendr::http {

namespace {

constexpr std::array<std::string_view, 7> kMethods{"GET",   "HEAD",   "POST",   "PUT",
                                                   "PATCH", "DELETE", "OPTIONS"};

struct Phrase {
  int status;
  std::string_view text;
};
constexpr std::array kPhrases{
    Phrase{200, "OK"},
    Phrase{201, "Created"},
    Phrase{202, "Accepted"},
    Phrase{204, "No Content"},
    Phrase{301, "Moved Permanently"},
    Phrase{302, "Found"},
    Phrase{303, "See Other"},
    Phrase{304, "Not Modified"},
    Phrase{307, "Temporary Redirect"},
    Phrase{308, "Permanent Redirect"},
    Phrase{400, "Bad Request"},
    Phrase{401, "Unauthorized"},
    Phrase{403, "Forbidden"},
    Phrase{404, "Not Found"},
    Phrase{405, "Method Not Allowed"},
    Phrase{406, "Not Acceptable"},
    Phrase{408, "Request Timeout"},
    Phrase{409, "Conflict"},
    Phrase{410, "Gone"},
    Phrase{412, "Precondition Failed"},
    Phrase{413, "Content Too Large"},
    Phrase{414, "URI Too Long"},
    Phrase{415, "Unsupported Media Type"},
    Phrase{417, "Expectation Failed"},
    Phrase{422, "Unprocessable Content"},
    Phrase{426, "Upgrade Required"},
    Phrase{428, "Precondition Required"},
    Phrase{429, "Too Many Requests"},
    Phrase{431, "Request Header Fields Too Large"},
    Phrase{500, "Internal Server Error"},
    Phrase{501, "Not Implemented"},
    Phrase{502, "Bad Gateway"},
    Phrase{503, "Service Unavailable"},
    Phrase{504, "Gateway Timeout"},
    Phrase{505, "HTTP Version Not Supported"},
};

std::optional<std::string_view> find(const Pairs& pairs, std::string_view name) {
  for (const auto& [key, value] : pairs) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Response typed(int status, std::string_view type, std::string body) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", std::string(type));
  response.body = std::move(body);
  return response;
}

}  // namespace

std::string_view to_text(Method method) {
  return kMethods[static_cast<std::size_t>(method)];
}

std::optional<Method> parse_method(std::string_view text) {
  const auto at = std::find(kMethods.begin(), kMethods.end(), text);
  if (at == kMethods.end()) return std::nullopt;
  return static_cast<Method>(at - kMethods.begin());
}

std::string_view reason_phrase(int status) {
  for (const Phrase& phrase : kPhrases) {
    if (phrase.status == status) return phrase.text;
  }
  return "Status";
}

std::string_view Headers::get(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (same_word(key, name)) return value;
  }
  return {};
}

bool Headers::has(std::string_view name) const {
  return count(name) != 0;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(fields_.begin(), fields_.end(),
                    [&](const Field& field) { return same_word(field.first, name); }));
}

void Headers::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string_view name, std::string value) {
  remove(name);
  add(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return same_word(field.first, name); });
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (!same_word(key, "Cookie")) continue;
    for (const std::string_view item : split_list(value, ';')) {
      const std::size_t equals = item.find('=');
      if (equals == std::string_view::npos || trim(item.substr(0, equals)) != name) continue;
      std::string_view found = trim(item.substr(equals + 1));
      if (found.size() >= 2 && found.front() == '"' && found.back() == '"') {
        found = found.substr(1, found.size() - 2);
      }
      return found;
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
  return find(query, name);
}

std::optional<std::string_view> Request::param(std::string_view name) const {
  return find(params, name);
}

std::int64_t Request::int_param(std::string_view name) const {
  const auto number = parse_number<std::int64_t>(param(name).value_or(""));
  assert(number);
  return number.value_or(0);
}

std::string_view Response::content() const {
  if (shared_body) return *shared_body;
  return body.empty() ? embedded_body : std::string_view(body);
}

Response json(int status, const boost::json::value& value) {
  return typed(status, "application/json", boost::json::serialize(value));
}

Response text(int status, std::string body) {
  return typed(status, "text/plain; charset=utf-8", std::move(body));
}

Response empty(int status) {
  Response response;
  response.status = status;
  return response;
}

Response problem(const Request& request, Problem problem) {
  boost::json::object body;
  std::string_view type = "application/json";
  if (request.headers.get("Accept").find("application/problem+json") != std::string_view::npos) {
    type = "application/problem+json";
    body["type"] = "about:blank";
    body["title"] = reason_phrase(problem.status);
    body["status"] = problem.status;
    body["detail"] = problem.message;
  } else {
    body["error"] = problem.message;
  }
  body["code"] = problem.code;
  body["request_id"] = request.request_id;
  Response response = typed(problem.status, type, boost::json::serialize(body));
  for (const auto& [name, value] : problem.headers) response.headers.set(name, value);
  return response;
}

}  // namespace seendr::http
