#include "cache/cache.hpp"

#include <set>

#include "codec/deflate.hpp"
#include "codec/text.hpp"

#include "host.hpp"

namespace seendr::cache {
namespace {

using Names = std::map<std::string, std::string>;

TEST_F(CacheTest, KeepsValuesOfEveryType) {
  run([this]() -> awaitable<void> {
    Cache& cache = host().cache;
    std::vector<std::string> list{"a", "\u00e9"};
    co_await cache.set("int", -5);
    co_await cache.set("bool", true);
    co_await cache.set("text", std::string("a\nb"));
    co_await cache.set("list", list);
    Raw bytes{std::string("\x00\xff", 2)};
    co_await cache.set("raw", bytes);

    const std::optional<int> integer = co_await cache.get<int>("int");
    const std::optional<bool> boolean = co_await cache.get<bool>("bool");
    const std::optional<std::string> text = co_await cache.get<std::string>("text");
    const auto read_list = co_await cache.get<std::vector<std::string>>("list");
    const std::optional<Raw> read_bytes = co_await cache.get<Raw>("raw");
    const std::optional<int> nothing = co_await cache.get<int>("nothing");

    EXPECT_EQ(integer, -5);
    EXPECT_EQ(boolean, true);
    EXPECT_EQ(text, "a\nb");
    EXPECT_EQ(read_list, list);
    EXPECT_EQ(read_bytes, bytes);
    EXPECT_EQ(nothing, std::nullopt);
  });
}

TEST_F(CacheTest, WritesDjangosKeysAndBytes) {
  run([this]() -> awaitable<void> {
    CacheOptions options;
    options.prefix = "seendr";
    options.version = 2;
    options.compress_above = 15;
    Cache& cache = host(options).cache;
    co_await cache.set("number", 41, 90s);
    co_await cache.set("text", std::string(14, 'x'), kForever);
    co_await cache.set("short", std::string("abc"));

    const std::string number = co_await raw("seendr:2:number");
    const std::string text = co_await raw("seendr:2:text");
    const std::string brief = co_await raw("seendr:2:short");
    const std::int64_t left = co_await integer(redis::Command("PTTL", "seendr:2:number"));
    const std::int64_t no_end = co_await integer(redis::Command("PTTL", "seendr:2:text"));
    const std::int64_t usual = co_await integer(redis::Command("PTTL", "seendr:2:short"));
    const std::int64_t keys = co_await integer(redis::Command("DBSIZE"));

    EXPECT_EQ(number, "41");
    EXPECT_EQ(to_hex(bytes(text)), "789c53aa40014a003a1a06d5");
    EXPECT_EQ(brief, "\"abc\"");
    EXPECT_TRUE(left > 80'000 && left <= 90'000) << left;
    EXPECT_EQ(no_end, -1);
    EXPECT_TRUE(usual > 290'000 && usual <= 300'000) << usual;
    EXPECT_EQ(keys, 3);
  });
}

TEST_F(CacheTest, ReadsWhatDjangoWrote) {
  run([this]() -> awaitable<void> {
    Cache& cache = host().cache;
    co_await set_raw(":1:padded", " +1_000 ");
    co_await set_raw(":1:plain", "{\"a\": [1, 2.0, null, \"\u00e9\"]}");
    co_await set_raw(":1:packed", deflate("\"a text of more than fifteen bytes\""));
    co_await set_raw(":1:none", "null");

    const std::optional<int> padded = co_await cache.get<int>("padded");
    const std::optional<json::value> plain = co_await cache.get<json::value>("plain");
    const std::optional<std::string> packed = co_await cache.get<std::string>("packed");
    const auto none = co_await cache.get<std::optional<std::string>>("none");

    EXPECT_EQ(padded, 1000);
    EXPECT_EQ(plain.value().at("a").at(3), "\u00e9");
    EXPECT_EQ(packed, "a text of more than fifteen bytes");
    EXPECT_TRUE(none.has_value());
    EXPECT_FALSE(none.value().has_value());
  });
}

TEST_F(CacheTest, AddsOnlyWhatIsNotThereAndReplacesOnlyWhatIs) {
  run([this]() -> awaitable<void> {
    Cache& cache = host().cache;
    WriteOptions options;
    WriteOptions ended;
    ended.ttl = -1ms;

    const bool replaced_nothing = co_await cache.replace("k", 1, options);
    const bool not_stored = co_await cache.add("k", 1, ended);
    const bool added = co_await cache.add("k", 2, options);
    const bool added_again = co_await cache.add("k", 3, options);
    const std::optional<int> first = co_await cache.get<int>("k");
    const bool replaced = co_await cache.replace("k", 4, options);
    const std::optional<int> second = co_await cache.get<int>("k");

    EXPECT_FALSE(replaced_nothing);
    EXPECT_TRUE(not_stored);  // It says that the key was free, as django-redis does.
    EXPECT_TRUE(added);
    EXPECT_FALSE(added_again);
    EXPECT_EQ(first, 2);
    EXPECT_TRUE(replaced);
    EXPECT_EQ(second, 4);
  });
}

TEST_F(CacheTest, ReadsWritesAndRemovesManyAtOnce) {
  run([this]() -> awaitable<void> {
    Cache& cache = host().cache;
    std::map<std::string, int> values;
    std::vector<std::string> names{"absent"};
    for (int i = 0; i < 600; ++i) values["n" + std::to_string(i)] = i;
    for (const auto& [name, value] : values) names.push_back(name);
    WriteOptions options;

    co_await cache.set_many(values, options);
    const std::map<std::string, int> read = co_await cache.get_many<int>(names);
    const std::size_t removed = co_await cache.remove_many(names);
    const std::map<std::string, int> after = co_await cache.get_many<int>(names);

    EXPECT_EQ(read, values);
    EXPECT_EQ(removed, 600U);
    EXPECT_TRUE(after.empty());
  });
}

TEST_F(CacheTest, KnowsAndChangesLifetimes) {
  run([this]() -> awaitable<void> {
    Cache& cache = host().cache;
    co_await cache.set("k", 1, 100s);

    const std::optional<Millis> before = co_await cache.ttl("k");
    const bool prolonged = co_await cache.touch("k", 500s);
    const std::optional<Millis> after = co_await cache.ttl("k");
    const bool kept = co_await cache.touch("k", kForever);
    const std::optional<Millis> endless = co_await cache.ttl("k");
    const bool ended = co_await cache.touch("k", 0ms);
    const bool there = co_await cache.contains("k");
    const std::optional<Millis> gone = co_await cache.ttl("k");
    const bool nothing = co_await cache.touch("k", 1s);

    EXPECT_TRUE(before > 90s && before <= 100s);
    EXPECT_TRUE(prolonged);
    EXPECT_TRUE(after > 490s && after <= 500s);
    EXPECT_TRUE(kept);
    EXPECT_EQ(endless, kForever);
    EXPECT_TRUE(ended);
    EXPECT_FALSE(there);
    EXPECT_EQ(gone, std::nullopt);
    EXPECT_FALSE(nothing);
  });
}

TEST_F(CacheTest, DeletesWhatIsSetWithALifetimeThatIsOver) {
  run([this]() -> awaitable<void> {
    Cache& cache = host().cache;
    co_await cache.set("k", 1);
    co_await cache.set("k", 2, 0ms);

    const bool there = co_await cache.contains("k");

    EXPECT_FALSE(there);
  });
}

TEST_F(CacheTest, CountsInIntegersThatAreThere) {
  run([this]() -> awaitable<void> {
    Cache& cache = host().cache;
    co_await cache.set("n", 40, 100s);
    co_await cache.set("text", std::string("x"));

    const std::optional<std::int64_t> up = co_await cache.incr("n", 2);
    const std::optional<std::int64_t> down = co_await cache.decr("n");
    const std::optional<std::int64_t> nothing = co_await cache.incr("nothing");
    const error_code text = co_await failure_of(cache.incr("text"));
    const std::optional<Millis> left = co_await cache.ttl("n");

    EXPECT_EQ(up, 42);
    EXPECT_EQ(down, 41);
    EXPECT_EQ(nothing, std::nullopt);
    EXPECT_EQ(text, redis::Errc::server_error);
    EXPECT_TRUE(left > 90s && left <= 100s);
  });
}

TEST_F(CacheTest, KeepsVersionsApartAndMovesBetweenThem) {
  run([this]() -> awaitable<void> {
    Cache& cache = host().cache;
    co_await cache.set("k", 1);
    co_await cache.set(Key("k", 5), 5);

    const std::optional<int> moved = co_await cache.incr_version("k", 2);
    const std::optional<int> first = co_await cache.get<int>("k");
    const std::optional<int> third = co_await cache.get<int>(Key("k", 3));
    const std::optional<int> fifth = co_await cache.get<int>(Key("k", 5));
    const std::optional<int> nothing = co_await cache.incr_version("k");

    EXPECT_EQ(moved, 3);
    EXPECT_EQ(first, std::nullopt);
    EXPECT_EQ(third, 1);
    EXPECT_EQ(fifth, 5);
    EXPECT_EQ(nothing, std::nullopt);
  });
}

TEST_F(CacheTest, FindsAndRemovesByPatternInItsOwnPartOnly) {
  run([this]() -> awaitable<void> {
    CacheOptions options;
    options.prefix = "a*:b";
    Cache& cache = host(options).cache;
    std::map<std::string, int> values;
    for (int i = 0; i < 1500; ++i) values["user:" + std::to_string(i)] = i;
    values["team:1"] = 1;
    WriteOptions tagged;
    tagged.tags = {"t"};
    co_await cache.set_many(values, tagged);
    co_await set_raw("axx:b:1:user:1", "1");
    co_await set_raw("a*:b:2:user:1", "1");

    std::set<std::string> names;
    KeyScan scan = cache.keys("*:1");
    while (!scan.done()) {
      const std::vector<std::string> page = co_await scan.next();
      names.insert(page.begin(), page.end());
    }
    const std::size_t removed = co_await cache.remove_pattern("user:*");
    const std::int64_t left = co_await integer(redis::Command("DBSIZE"));

    EXPECT_EQ(names, (std::set<std::string>{"user:1", "team:1"}));
    EXPECT_EQ(removed, 1500U);
    EXPECT_EQ(left, 5);  // team:1, what is kept beside it, its tag, and the two of others.
  });
}

TEST_F(CacheTest, CountsHitsAndMissesByClass) {
  run([this]() -> awaitable<void> {
    Host& own = host();
    co_await own.cache.set("user:1", std::string("abc"));
    co_await own.cache.get<std::string>("user:1");
    co_await own.cache.get<std::string>("user:2");

    const Counts counts = own.counts("user");

    EXPECT_EQ(counts.redis_hits, 1U);
    EXPECT_EQ(counts.misses, 1U);
    EXPECT_EQ(counts.bytes_read, 5U);
    EXPECT_EQ(counts.bytes_written, 5U);
  });
}

}  // namespace
}  // namespace seendr::cache
