#include "base/metrics.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seendr {
namespace {

using testing::HasSubstr;

TEST(Metrics, GiveTheSameObjectForTheSameNameAndLabels) {
  Metrics metrics;
  Counter& first = metrics.counter("seendr_test_total", "Help.", {{"result", "ok"}});
  Counter& same = metrics.counter("seendr_test_total", "Help.", {{"result", "ok"}});
  Counter& other = metrics.counter("seendr_test_total", "Help.", {{"result", "bad"}});

  EXPECT_EQ(&first, &same);
  EXPECT_NE(&first, &other);
}

TEST(Metrics, AreServedAsText) {
  Metrics metrics;
  metrics.counter("seendr_test_total", "Things counted.", {{"result", "ok"}}).Increment(3);
  metrics.gauge("seendr_test_open", "Things open.").Set(2);
  metrics.histogram("seendr_test_seconds", "Time taken.", {0.1, 1}).Observe(0.5);

  const std::string text = metrics.scrape();

  EXPECT_THAT(text, HasSubstr("# HELP seendr_test_total Things counted."));
  EXPECT_THAT(text, HasSubstr("seendr_test_total{result=\"ok\"} 3"));
  EXPECT_THAT(text, HasSubstr("seendr_test_open 2"));
  EXPECT_THAT(text, HasSubstr("seendr_test_seconds_bucket{le=\"0.1\"} 0"));
  EXPECT_THAT(text, HasSubstr("seendr_test_seconds_bucket{le=\"1\"} 1"));
}

TEST(Metrics, MayBeUsedFromManyThreads) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&metrics] {
      for (int k = 0; k < 1000; ++k) metrics.counter("seendr_test_total", "Help.").Increment();
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(metrics.counter("seendr_test_total", "Help.").Value(), 4000);
}

}  // namespace
}  // namespace seendr
