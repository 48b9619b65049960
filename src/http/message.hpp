// An HTTP request and its response as plain values; nothing here knows sockets.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "base/error.hpp"

namespace seendr::http {

enum class Method { get, head, post, put, patch, delete_, options };

std::string_view to_text(Method method);                    // "GET", "DELETE", ...
std::optional<Method> parse_method(std::string_view text);  // nullopt: one we do not implement.

// The usual phrase of a status, "Not Found"; "Status" for one without a name here.
std::string_view reason_phrase(int status);

// Header fields in the order they were written; a name may come several times.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  // The first field of that name, in any case; empty when there is none.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  std::size_t count(std::string_view name) const;

  void add(std::string name, std::string value);  // Keeps those of the same name.
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  bool empty() const { return fields_.empty(); }

 private:
  std::vector<Field> fields_;
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

// All text is valid UTF-8 without NUL where it was percent-decoded (path, query, params).
struct Request {
  Method method = Method::get;
  std::string target;  // As sent, without scheme and host: "/a%20b?x=1".
  std::string path;    // Decoded, without the query: "/a b".
  Pairs query;         // Decoded, in order.
  Pairs params;        // Path parameters by the route's names, decoded.
  Headers headers;
  std::string body;
  std::string host;            // The authority asked for, "example.org:8080"; empty in HTTP/1.0.
  std::string remote_address;  // The client's, seen through trusted proxies; no port.
  bool secure = false;         // TLS here or at a trusted proxy.
  std::string request_id;      // Safe to log and to echo.

  // Each nullopt when absent; views live as long as the request is not changed.
  std::optional<std::string_view> cookie(std::string_view name) const;
  std::optional<std::string_view> query_value(std::string_view name) const;
  std::optional<std::string_view> param(std::string_view name) const;

  // Requires: the route's pattern has {name:int}.
  std::int64_t int_param(std::string_view name) const;
};

// The body is one of three: owned, shared between responses, or embedded in the binary.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::shared_ptr<const std::string> shared_body;
  std::string_view embedded_body;  // Must live as long as the process.

  std::string_view content() const;
};

Response json(int status, const boost::json::value& value);
Response text(int status, std::string body);
Response empty(int status = 204);

// An error body of protocol.md 2.3.
struct Problem {
  int status = 500;
  std::string code;      // One of the protocol's error codes, or a word like them.
  std::string message;   // One sentence for people.
  Headers headers = {};  // Such as Retry-After.
};

// {"error","code","request_id"}, or application/problem+json (RFC 9457) when Accept names it.
Response problem(const Request& request, Problem problem);

}  // namespace seendr::http
