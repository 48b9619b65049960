#include "cache/probe.hpp"

#include <gtest/gtest.h>

namespace seendr::cache {
namespace {

TEST(Probe, CountsByTheWordBeforeTheColon) {
  Metrics metrics;
  Probe probe(metrics);
  probe.of("profile:1").memory_hits.Increment();
  probe.of("profile:2:x").redis_hits.Increment(2);
  probe.of("page:faq").misses.Increment();

  const std::map<std::string, Counts> counts = probe.counts();

  EXPECT_EQ(counts.at("profile").memory_hits, 1U);
  EXPECT_EQ(counts.at("profile").redis_hits, 2U);
  EXPECT_EQ(counts.at("page").misses, 1U);
}

TEST(Probe, PutsKeysWithoutAClassTogether) {
  Metrics metrics;
  Probe probe(metrics);
  for (const char* key : {"session8f3a", "Upper:1", ":1", "a b:1", "trailing",
                          "a_name_that_is_longer_than_a_class_may_be:1"}) {
    probe.of(key).misses.Increment();
  }

  EXPECT_EQ(probe.counts().size(), 1U);
  EXPECT_EQ(probe.counts().at("other").misses, 6U);
}

TEST(Probe, BoundsTheNumberOfClasses) {
  Metrics metrics;
  Probe probe(metrics);
  for (int i = 0; i < 1000; ++i) probe.of("c" + std::to_string(i) + ":1").misses.Increment();

  EXPECT_EQ(probe.counts().size(), 65U);
  EXPECT_EQ(probe.counts().at("other").misses, 936U);
}

TEST(Probe, AppearsAmongTheMetrics) {
  Metrics metrics;
  Probe probe(metrics);
  probe.of("profile:1").loads.Increment();
  probe.memory(100);
  probe.memory(60);

  const std::string scrape = metrics.scrape();

  EXPECT_NE(scrape.find("seendr_cache_loads_total{class=\"profile\",result=\"ok\"} 1"),
            std::string::npos)
      << scrape;
  EXPECT_NE(scrape.find("seendr_cache_memory_bytes 60"), std::string::npos) << scrape;
}

}  // namespace
}  // namespace seendr::cache
