// What is kept beside values: tags, and what of them survives.
#include "cache/store.hpp"

#include "host.hpp"

namespace seendr::cache {
namespace {

WriteOptions tagged(std::vector<std::string> tags) {
  WriteOptions options;
  options.tags = std::move(tags);
  return options;
}

TEST_F(CacheTest, ATagTakesAllThatDependOnItInOneStep) {
  run([this]() -> awaitable<void> {
    Host& own = host();
    std::map<std::string, int> values;
    std::vector<std::string> names;
    for (int i = 0; i < 1000; ++i) values["n" + std::to_string(i)] = i;
    for (const auto& [name, value] : values) names.push_back(name);
    WriteOptions both = tagged({"team:1", "all"});
    WriteOptions one = tagged({"team:2"});
    co_await own.cache.set_many(values, both);
    co_await own.cache.set("other", 7, one);
    const std::map<std::string, int> before = co_await own.cache.get_many<int>(names);

    const std::uint64_t calls = own.client.calls();
    co_await own.cache.invalidate_tag("team:1");
    const std::uint64_t spent = own.client.calls() - calls;
    const std::map<std::string, int> after = co_await own.cache.get_many<int>(names);
    const std::optional<int> other = co_await own.cache.get<int>("other");

    EXPECT_EQ(before, values);
    EXPECT_EQ(spent, 1U);
    EXPECT_TRUE(after.empty());
    EXPECT_EQ(other, 7);
  });
}

TEST_F(CacheTest, WhatIsWrittenAfterAnInvalidationCounts) {
  run([this]() -> awaitable<void> {
    Cache& cache = host().cache;
    WriteOptions options = tagged({"t"});
    co_await cache.set("k", 1, options);
    co_await cache.invalidate_tag("t");
    co_await cache.set("k", 2, options);

    const std::optional<int> value = co_await cache.get<int>("k");

    EXPECT_EQ(value, 2);
  });
}

TEST_F(CacheTest, ATagThatRedisEvictedInvalidatesRatherThanRevives) {
  run([this]() -> awaitable<void> {
    Cache& cache = host().cache;
    WriteOptions options = tagged({"t"});
    co_await cache.set("old", 1, options);
    co_await integer(redis::Command("DEL", "seendr:cache:tag::t"));
    co_await cache.set("new", 2, options);

    const std::optional<int> old = co_await cache.get<int>("old");
    const std::optional<int> fresh = co_await cache.get<int>("new");

    EXPECT_EQ(old, std::nullopt);
    EXPECT_EQ(fresh, 2);
  });
}

TEST_F(CacheTest, AReaderWhoNamesTheTagsDoesNotTrustAValueWithoutThem) {
  run([this]() -> awaitable<void> {
    Cache& cache = host().cache;
    WriteOptions options = tagged({"t"});
    std::vector<std::string> tags{"t"};
    co_await cache.set("k", 1, options);
    const std::optional<int> before = co_await cache.get<int>("k", tags);
    co_await integer(redis::Command("DEL", "seendr:cache:meta::1:k"));

    const std::optional<int> with_tags = co_await cache.get<int>("k", tags);
    const std::optional<int> without = co_await cache.get<int>("k");

    EXPECT_EQ(before, 1);
    EXPECT_EQ(with_tags, std::nullopt);
    EXPECT_EQ(without, 1);
  });
}

TEST_F(CacheTest, TagsStayWithAValueThatIsTouchedOrMoved) {
  run([this]() -> awaitable<void> {
    Cache& cache = host().cache;
    WriteOptions options = tagged({"t"});
    std::vector<std::string> tags{"t"};
    co_await cache.set("touched", 1, options);
    co_await cache.set("moved", 2, options);
    co_await cache.touch("touched", 1000s);
    co_await cache.incr_version("moved");

    const std::optional<int> touched = co_await cache.get<int>("touched", tags);
    const std::optional<int> moved = co_await cache.get<int>(Key("moved", 2), tags);
    co_await cache.invalidate_tag("t");
    const std::optional<int> touched_after = co_await cache.get<int>("touched");
    const std::optional<int> moved_after = co_await cache.get<int>(Key("moved", 2));

    EXPECT_EQ(touched, 1);
    EXPECT_EQ(moved, 2);
    EXPECT_EQ(touched_after, std::nullopt);
    EXPECT_EQ(moved_after, std::nullopt);
  });
}

TEST_F(CacheTest, ATagLivesAtLeastAsLongAsWhatDependsOnIt) {
  run([this]() -> awaitable<void> {
    Cache& cache = host().cache;
    WriteOptions brief = tagged({"t"});
    brief.ttl = 10s;
    WriteOptions longer = tagged({"t"});
    longer.ttl = 1000s;
    WriteOptions endless = tagged({"t"});
    endless.ttl = kForever;

    co_await cache.set("a", 1, longer);
    co_await cache.set("b", 1, brief);
    const std::int64_t long_life = co_await integer(redis::Command("PTTL", "seendr:cache:tag::t"));
    co_await cache.set("c", 1, endless);
    const std::int64_t no_end = co_await integer(redis::Command("PTTL", "seendr:cache:tag::t"));

    EXPECT_GT(long_life, 990'000);
    EXPECT_EQ(no_end, -1);
  });
}

TEST_F(CacheTest, NothingIsKeptBesideAPlainValue) {
  run([this]() -> awaitable<void> {
    Cache& cache = host().cache;
    WriteOptions options = tagged({"t"});
    co_await cache.set("k", 1, options);
    co_await cache.set("k", 1);

    const std::int64_t meta = co_await integer(redis::Command("EXISTS", "seendr:cache:meta::1:k"));

    EXPECT_EQ(meta, 0);
  });
}

}  // namespace
}  // namespace seendr::cache
