#include "cache/memory.hpp"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace seendr::cache {
namespace {

using namespace std::chrono_literals;

const Memory::Time kNow = Memory::Time(1h);

Memory::Item item(std::string text, Memory::Time expires = kNow + 10s) {
  Memory::Item made;
  made.text = std::move(text);
  made.fresh_until = expires;
  made.expires = expires;
  return made;
}

void put(Memory& memory, const std::string& key, const std::string& text) {
  const Memory::Fetch fetch = memory.begin(key);
  memory.put(fetch, item(text));
}

std::string text_of(Memory& memory, const std::string& key) {
  const Memory::Item* found = memory.find(key, kNow);
  return found ? found->text : "(none)";
}

TEST(Memory, KeepsWhatItIsGivenUntilItExpires) {
  Memory memory({.limit_bytes = 10'000});
  put(memory, "a", "1");

  EXPECT_EQ(memory.find("a", kNow + 9999ms)->text, "1");
  EXPECT_EQ(memory.find("a", kNow + 10s), nullptr);
  EXPECT_EQ(memory.size(), 0U);
  EXPECT_EQ(memory.bytes(), 0U);
}

TEST(Memory, ReplacesAnItem) {
  Memory memory({.limit_bytes = 10'000});
  put(memory, "a", "1");
  const std::size_t bytes = memory.bytes();
  put(memory, "a", "2");

  EXPECT_EQ(text_of(memory, "a"), "2");
  EXPECT_EQ(memory.bytes(), bytes);
}

TEST(Memory, DropsTheLeastRecentlyUsedFirst) {
  Memory memory({.limit_bytes = 1630});  // Ten items of 162 bytes.
  for (char key = 'a'; key <= 'j'; ++key) put(memory, std::string(1, key), "1");
  EXPECT_EQ(memory.size(), 10U);
  EXPECT_EQ(text_of(memory, "a"), "1");  // Used: "b" is the oldest now.

  put(memory, "k", "1");

  EXPECT_EQ(text_of(memory, "a"), "1");
  EXPECT_EQ(text_of(memory, "b"), "(none)");
  EXPECT_EQ(memory.evictions(), 1U);
  EXPECT_LE(memory.bytes(), 1630U);
}

TEST(Memory, RefusesWhatWouldPushOutEverythingElse) {
  Memory memory({.limit_bytes = 10'000});
  put(memory, "small", "1");
  put(memory, "big", std::string(1250, 'x'));

  EXPECT_EQ(text_of(memory, "big"), "(none)");
  EXPECT_EQ(text_of(memory, "small"), "1");
}

TEST(Memory, DropsWhatChanged) {
  Memory memory({.limit_bytes = 10'000});
  put(memory, "a", "1");
  memory.drop("a");
  memory.drop("never seen");

  EXPECT_EQ(text_of(memory, "a"), "(none)");
}

TEST(Memory, DoesNotKeepWhatChangedWhileItWasRead) {
  Memory memory({.limit_bytes = 10'000});
  const Memory::Fetch fetch = memory.begin("a");
  const Memory::Fetch other = memory.begin("b");
  memory.drop("a");
  memory.put(fetch, item("old"));
  memory.put(other, item("new"));

  EXPECT_EQ(text_of(memory, "a"), "(none)");
  EXPECT_EQ(text_of(memory, "b"), "new");
}

TEST(Memory, KeepsForAReaderThatBeganAfterTheChange) {
  Memory memory({.limit_bytes = 10'000});
  const Memory::Fetch early = memory.begin("a");
  memory.drop("a");
  const Memory::Fetch late = memory.begin("a");
  memory.put(late, item("new"));
  memory.put(early, item("old"));

  EXPECT_EQ(text_of(memory, "a"), "new");
}

TEST(Memory, ForgetsEverythingAndWhatIsBeingRead) {
  Memory memory({.limit_bytes = 10'000});
  put(memory, "a", "1");
  const Memory::Fetch fetch = memory.begin("b");
  memory.clear();
  memory.put(fetch, item("2"));

  EXPECT_EQ(text_of(memory, "a"), "(none)");
  EXPECT_EQ(text_of(memory, "b"), "(none)");
  EXPECT_EQ(memory.bytes(), 0U);
}

// A naive model: everything ever put and not dropped. The memory may have less, never other.
TEST(Memory, NeverHasAnythingButTheLatest) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    Memory memory({.limit_bytes = 3000});
    std::map<std::string, std::string> model;
    for (int step = 0; step < 2000; ++step) {
      const std::string key(1, static_cast<char>('a' + random() % 26));
      switch (random() % 4) {
        case 0: {
          const std::string text(random() % 300, static_cast<char>('A' + random() % 26));
          const Memory::Fetch fetch = memory.begin(key);
          memory.put(fetch, item(text));
          model[key] = text;
          break;
        }
        case 1:
          memory.drop(key);
          model.erase(key);
          break;
        default:
          const Memory::Item* found = memory.find(key, kNow);
          if (found) {
            ASSERT_TRUE(model.contains(key)) << "seed " << seed;
            ASSERT_EQ(found->text, model[key]) << "seed " << seed;
          }
      }
      ASSERT_LE(memory.bytes(), 3000U);
    }
    EXPECT_GT(memory.evictions(), 0U);
  }
}

}  // namespace
}  // namespace seendr::cache
