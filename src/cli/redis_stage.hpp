// A Redis for a benchmark, on a unix socket in a directory of its own; both end with this object.
#pragma once

#include <filesystem>
#include <string>

#include "redis/server.hpp"

namespace seendr::cli {

class RedisStage {
 public:
  // Blocks until it answers. Throws system_error or runtime_error.
  RedisStage();
  RedisStage(const RedisStage&) = delete;
  RedisStage& operator=(const RedisStage&) = delete;
  ~RedisStage();

  std::string folder() const { return folder_; }
  std::string socket() const { return server_.socket(); }

 private:
  std::filesystem::path folder_;
  redis::Server server_;
};

}  // namespace seendr::cli
