// Whether the process may take traffic, and why not: what /readyz says. Safe from any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace seendr::app {

class Health {
 public:
  // One reason a part, "redis", "postgres", "match", "drain"; an empty text takes it back.
  void set(const std::string& part, std::string trouble) {
    const std::lock_guard lock(mutex_);
    if (trouble.empty()) {
      troubles_.erase(part);
    } else {
      troubles_[part] = std::move(trouble);
    }
  }

  // "redis: The connection was lost", in order of part; empty when ready.
  std::vector<std::string> reasons() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> reasons;
    for (const auto& [part, trouble] : troubles_) reasons.push_back(part + ": " + trouble);
    return reasons;
  }

  bool ready() const {
    const std::lock_guard lock(mutex_);
    return troubles_.empty();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> troubles_{{"start", "the server is starting"}};
};

}  // namespace seendr::app
