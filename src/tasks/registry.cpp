#include "tasks/registry.hpp"

#include <cassert>
#include <utility>

namespace seendr::tasks {

void Registry::on(std::string name, KindOptions options, Handler handler) {
  assert(!name.empty() && handler && kinds_.count(name) == 0);
  Kind kind{name, std::move(options), std::move(handler)};
  kinds_.emplace(std::move(name), std::move(kind));
}

void Registry::on_batch(std::string name, KindOptions options, BatchOptions batch,
                        BatchHandler handler) {
  assert(!name.empty() && handler && kinds_.count(name) == 0 && batch.max > 0);
  Kind kind{name, std::move(options), {}, batch, std::move(handler)};
  kinds_.emplace(std::move(name), std::move(kind));
}

const Kind* Registry::find(std::string_view name) const {
  const auto found = kinds_.find(name);
  return found == kinds_.end() ? nullptr : &found->second;
}

std::vector<std::string> Registry::names() const {
  std::vector<std::string> names;
  for (const auto& [name, kind] : kinds_) names.push_back(name);
  return names;
}

}  // namespace seendr::tasks
