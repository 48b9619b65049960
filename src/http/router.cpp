#include "http/router.hpp"

#include <cassert>

#include "base/number.hpp"
#include "http/ascii.hpp"

namespace seendr::http {

namespace {

// "{id:int}" or "{name}"
struct Parameter {
  std::string_view name;
  bool is_integer = false;
};

std::optional<Parameter> parameter_of(std::string_view segment) {
  if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') return std::nullopt;
  const std::string_view inside = segment.substr(1, segment.size() - 2);
  const std::size_t colon = inside.find(':');
  if (colon == std::string_view::npos) return Parameter{inside};
  assert(inside.substr(colon) == ":int");
  return Parameter{inside.substr(0, colon), true};
}

bool is_integer(std::string_view segment) {
  const bool starts_well =
      segment == "0" || (!segment.empty() && segment[0] >= '1' && segment[0] <= '9');
  return starts_well && parse_number<std::int64_t>(segment);
}

}  // namespace

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> fixed;
  std::unique_ptr<Node> integer;
  std::unique_ptr<Node> text;
  std::map<Method, Route> routes;

  // The node of these segments that has routes; values of parameters are appended to `values`.
  const Node* find(const std::vector<std::string>& segments, std::size_t depth,
                   std::vector<std::string>& values) const {
    if (depth == segments.size()) return routes.empty() ? nullptr : this;
    if (const auto next = fixed.find(segments[depth]); next != fixed.end()) {
      if (const Node* found = next->second->find(segments, depth + 1, values)) return found;
    }
    values.push_back(segments[depth]);
    if (integer && is_integer(segments[depth])) {
      if (const Node* found = integer->find(segments, depth + 1, values)) return found;
    }
    if (text) {
      if (const Node* found = text->find(segments, depth + 1, values)) return found;
    }
    values.pop_back();
    return nullptr;
  }

  std::unique_ptr<Node>& next(std::string_view segment) {
    const std::optional<Parameter> parameter = parameter_of(segment);
    if (!parameter) return fixed[std::string(segment)];
    return parameter->is_integer ? integer : text;
  }

  const Route* route(Method method) const {
    auto found = routes.find(method);
    if (found == routes.end() && method == Method::head) found = routes.find(Method::get);
    return found == routes.end() ? nullptr : &found->second;
  }
};

namespace {

std::string allowed_methods(const std::map<Method, Route>& routes) {
  std::string allow;
  for (const auto& [method, route] : routes) {
    allow += std::string(to_text(method)) + ", ";
    if (method == Method::get && !routes.contains(Method::head)) allow += "HEAD, ";
  }
  return allow + "OPTIONS";
}

}  // namespace

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Method method, std::string_view pattern, Handler handler, RouteOptions options) {
  assert(pattern.starts_with('/'));
  Node* node = root_.get();
  for (const std::string_view segment : split_list(pattern, '/')) {
    std::unique_ptr<Node>& next = node->next(segment);
    if (!next) next = std::make_unique<Node>();
    node = next.get();
  }
  Route route{std::string(pattern), std::move(handler), options};
  const bool added = node->routes.emplace(method, std::move(route)).second;
  assert(added);
  static_cast<void>(added);
}

void Router::fallback(Handler handler) {
  fallback_ = Route{"*", std::move(handler), {}};
}

RouteMatch Router::find(Method method, const std::vector<std::string>& path_segments) const {
  RouteMatch match;
  std::vector<std::string> values;
  const Node* node = root_->find(path_segments, 0, values);
  const bool reads = method == Method::get || method == Method::head;
  if (!node) {
    if (fallback_ && reads) match.route = &*fallback_;
    return match;
  }
  match.route = node->route(method);
  if (!match.route) {
    match.allow = allowed_methods(node->routes);
    return match;
  }
  std::size_t next = 0;
  for (const std::string_view segment : split_list(match.route->pattern, '/')) {
    const std::optional<Parameter> parameter = parameter_of(segment);
    if (parameter) match.params.emplace_back(parameter->name, std::move(values[next++]));
  }
  return match;
}

}  // namespace seendr::http
