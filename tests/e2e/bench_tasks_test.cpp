// `seendr bench tasks`, with few tasks and each measurement a moment long.
#include <cstdio>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace seendr::lab {
namespace {

std::string output_of_tasks(const std::string& arguments, int& status) {
  const std::string command = std::string(SEENDR_BINARY) + " bench tasks " + arguments + " 2>&1";
  std::string printed;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return printed;
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, pipe)) printed += buffer;
  status = pclose(pipe);
  return printed;
}

TEST(BenchTasks, SetsTheQueueAgainstCelery) {
  int status = -1;
  const std::string text = output_of_tasks("--tasks 300 --seconds 0.3 --json", status);
  std::istringstream printed(text);
  std::map<std::string, json::object> measured;
  for (std::string line; std::getline(printed, line);) {
    if (!line.starts_with("{\"name\"")) continue;  // On stderr: the log, and what is measured now.
    const json::object object = json::parse(line).as_object();
    measured[std::string(object.at("name").as_string())] = object;
  }

  EXPECT_EQ(status, 0) << text;
  const std::multimap<std::string, std::string> rivals{
      {"enqueue.1.per_s", "celery"},        {"execute.300.per_s", "celery prefork"},
      {"execute.300.per_s", "celery solo"}, {"latency_load.50.per_s", "celery prefork"},
      {"latency.50.p50", "celery prefork"}, {"latency.50.p99", "celery prefork"},
      {"latency.50.p99", "celery solo"},    {"latency_same.50.p99", "celery prefork"},
  };
  for (const auto& [what, rival] : rivals) {
    const std::string name = "tasks." + what;
    ASSERT_EQ(measured.count(name), 1U) << name << " in " << text;
    const json::object& against = measured[name].at("against").as_object();
    EXPECT_GT(measured[name].at("value").as_double(), 0) << name;
    ASSERT_TRUE(against.contains(rival)) << name << " against " << rival;
    EXPECT_GT(against.at(rival).at("value").as_double(), 0) << name;
  }
  EXPECT_EQ(measured.count("tasks.enqueue.50.per_s"), 1U);
  EXPECT_EQ(measured.count("tasks.idle_commands.1.per_s"), 1U);  // None within a moment.
}

TEST(BenchTasks, FailsWithAReasonWithoutCelery) {
  int status = -1;
  const std::string text = output_of_tasks("--seconds 0.01 --python /bin/false", status);

  EXPECT_NE(status, 0);
  EXPECT_NE(text.find("Celery cannot be measured"), std::string::npos) << text;
  EXPECT_NE(text.find("python3-celery"), std::string::npos) << text;
}

}  // namespace
}  // namespace seendr::lab
