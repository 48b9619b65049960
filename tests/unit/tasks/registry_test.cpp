#include "tasks/registry.hpp"

#include <gtest/gtest.h>

namespace seendr::tasks {
namespace {

awaitable<json::value> nothing(TaskContext&) {
  co_return nullptr;
}

awaitable<void> nothing_together(std::span<TaskContext* const>) {
  co_return;
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

TEST(TaskRegistry, FindsHandlersOfBatchesToo) {
  Registry registry;
  registry.on_batch("b", {.concurrency = 3}, {.max = 7}, nothing_together);

  ASSERT_NE(registry.find("b"), nullptr);
  EXPECT_TRUE(registry.find("b")->batch_handler);
  EXPECT_EQ(registry.find("b")->batch.max, 7U);
  EXPECT_EQ(registry.find("b")->options.concurrency, 3U);
  EXPECT_EQ(registry.names(), (std::vector<std::string>{"b"}));
}

}  // namespace
}  // namespace seendr::tasks
