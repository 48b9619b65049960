#include "redis/url.hpp"

#include <optional>

#include <boost/url.hpp>

#include "base/number.hpp"
#include "redis/error.hpp"

namespace seendr::redis {

namespace {

namespace urls = boost::urls;

std::optional<int> parse_db(std::string_view text) {
  const std::optional<int> value = parse_number<int>(text);
  return value && *value >= 0 && *value <= 1'000'000 ? value : std::nullopt;
}

std::optional<Scheme> parse_scheme(std::string_view text) {
  if (text == "redis") return Scheme::tcp;
  if (text == "rediss") return Scheme::tls;
  if (text == "unix" || text == "redis+unix") return Scheme::unix_socket;
  return std::nullopt;
}

// user, username, password, db; false for anything else.
bool take_query(const urls::url_view& parsed, Url& url) {
  for (const auto& parameter : parsed.params()) {
    if (parameter.key == "user" || parameter.key == "username") {
      url.user = parameter.value;
    } else if (parameter.key == "password") {
      url.password = parameter.value;
    } else if (parameter.key == "db") {
      const std::optional<int> db = parse_db(parameter.value);
      if (!db) return false;
      url.db = *db;
    } else {
      return false;
    }
  }
  return true;
}

bool take_address(const urls::url_view& parsed, Url& url) {
  if (!parsed.host_address().empty()) url.host = parsed.host_address();
  if (parsed.has_port() && !parsed.port().empty()) {
    url.port = parsed.port_number();  // 0 also when it is out of range.
    if (url.port == 0) return false;
  }
  const std::string path = parsed.path();
  if (path.empty() || path == "/") return true;
  const std::optional<int> db = parse_db(std::string_view(path).substr(1));
  if (db) url.db = *db;
  return db.has_value();
}

std::string encode(std::string_view text) {
  return urls::encode(text, urls::unreserved_chars);
}

}  // namespace

result<Url> parse_url(std::string_view text) {
  const auto parsed = urls::parse_uri(text);
  if (!parsed) return Errc::bad_url;
  const urls::url_view& view = *parsed;
  const std::string scheme_text(view.scheme());
  const std::optional<Scheme> scheme = parse_scheme(scheme_text);
  if (!scheme || view.has_fragment()) return Errc::bad_url;

  Url url;
  url.scheme = *scheme;
  url.user = view.user();
  url.password = view.password();
  if (*scheme == Scheme::unix_socket) {
    url.path = view.path();
    if (url.path.size() < 2 || url.path[0] != '/' || !view.host().empty() || view.has_port()) {
      return Errc::bad_url;
    }
  } else if (!view.has_authority() || !take_address(view, url)) {
    return Errc::bad_url;
  }
  if (!take_query(view, url)) return Errc::bad_url;
  return url;
}

std::string masked(const Url& url) {
  const bool local = url.scheme == Scheme::unix_socket;
  std::string text = local ? "unix://" : url.scheme == Scheme::tls ? "rediss://" : "redis://";
  if (!url.user.empty() || !url.password.empty()) {
    text += encode(url.user);
    if (!url.password.empty()) text += ":***";
    text += '@';
  }
  if (local) {
    text += url.path;
    if (url.db != 0) text += "?db=" + std::to_string(url.db);
    return text;
  }
  const bool ipv6 = url.host.find(':') != std::string::npos;
  text += ipv6 ? "[" + url.host + "]" : url.host;
  text += ':' + std::to_string(url.port);
  if (url.db != 0) text += '/' + std::to_string(url.db);
  return text;
}

}  // namespace seendr::redis
