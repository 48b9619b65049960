// Servers for a benchmark: services of their own in a temporary directory, any number of `seendr
// serve` processes on them, and demo people who are signed in. All of it ends with this object.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/managed.hpp"
#include "base/env.hpp"
#include "runtime/child_process.hpp"

namespace seendr::cli {

class BenchStage {
 public:
  // Blocks until every server is ready. Throws runtime_error with the last lines of one that is
  // not.
  BenchStage(const Env& env, std::size_t processes, std::size_t people);
  BenchStage(const BenchStage&) = delete;
  BenchStage& operator=(const BenchStage&) = delete;
  ~BenchStage();

  const std::vector<std::string>& servers() const { return urls_; }
  std::string users_file() const { return folder_ / "users.txt"; }
  const std::string& redis_url() const { return services_->urls().redis; }

 private:
  std::vector<std::string> variables() const;
  void start_server();
  void seed(std::size_t people);

  std::filesystem::path folder_;
  std::unique_ptr<app::ManagedServices> services_;
  std::vector<ChildProcess> processes_;
  std::vector<std::string> urls_;
};

}  // namespace seendr::cli
