#include "tasks/registry.hpp"

#include <gtest/gtest.h>

namespace seendr::tasks {
namespace {

awaitable<json::value> nothing(TaskContext&) {
  co_return nullptr;
}

TEST(TaskRegistry, FindsHandlersByName) {
  Registry registry;
  registry.on("b", {.concurrency = 3}, nothing);
  registry.on("a", {}, nothing);

  ASSERT_NE(registry.find("b"), nullptr);
  EXPECT_EQ(registry.find("b")->name, "b");
  EXPECT_EQ(registry.find("b")->options.concurrency, 3U);
  EXPECT_EQ(registry.find("c"), nullptr);
  EXPECT_EQ(registry.names(), (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace seendr::tasks
