#include <gmock/gmock.h>

#include "support/people.hpp"

#include "log_check.hpp"
#include "world.hpp"

namespace seendr::match::test {
namespace {

using ::testing::IsEmpty;

class MatchmakerDriveTest : public WorldTest {
 protected:
  // Keeps what is sent after it on that connection back until open() is called.
  static awaitable<void> gate(redis::Client& client, std::string name) {
    redis::Pipeline pipeline;
    pipeline.add("SET", "closed:" + name, 1);
    pipeline.add("BLPOP", "open:" + name, 2);
    co_await client.exec(std::move(pipeline));
  }

  awaitable<void> closed(Node* asker, std::string name) {
    bool is_closed = false;
    while (!is_closed) {
      const redis::Command exists("EXISTS", "closed:" + name);
      const redis::Reply reply = co_await ask(asker, exists);
      is_closed = reply.as_int() == 1;
    }
  }

  awaitable<void> open(Node* asker, std::string name) {
    const redis::Command push("RPUSH", "open:" + name, 1);
    co_await ask(asker, push);
  }

  static awaitable<void> arrive_into(Node* node, UserId user, std::optional<Told>& told,
                                     bool& done) {
    const Facts facts;
    told = co_await node->matchmaker.arrive(user, facts);
    done = true;
  }
};

TEST_F(MatchmakerDriveTest, WhoeverSatInARoomOfADeadProcessIsPutBackElsewhere) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    Node* three = co_await start("three");
    const RoomId room = co_await pair(one, kAda, two, kBob);
    const bool polite = one->sink.told.front().polite;
    co_await kill(one);
    const Facts facts;
    const auto told = co_await three->matchmaker.arrive(kAda, facts);

    EXPECT_TRUE(told);
    EXPECT_TRUE(told->again);
    EXPECT_EQ(told->room, room);
    EXPECT_EQ(told->peer, kBob);
    EXPECT_EQ(told->polite, polite);
    EXPECT_THAT(told->shared, ::testing::SizeIs(3));
    const auto host = co_await two->matchmaker.seat_host(kAda, room);
    EXPECT_EQ(host, "three");
    const bool closed = co_await three->matchmaker.close(kAda, room, CloseReason::left);
    EXPECT_TRUE(closed);
    condition([two] { return two->sink.ends.size() == 1; });
    co_await eventually();
  });
}

TEST_F(MatchmakerDriveTest, WhoeverComesBackBeforeTheLogToldOfTheRoomIsPutBack) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    Node* three = co_await start("three");
    TaskGroup beside(io_.get_executor(), [](const std::string& name, std::exception_ptr error) {
      ADD_FAILURE() << name << ": " << what(error);
    });
    beside.spawn("tail", gate(three->tail, "tail"));
    co_await closed(two, "tail");
    const RoomId room = co_await pair(one, kAda, two, kBob);
    co_await kill(one);

    std::optional<Told> told;
    bool done = false;
    beside.spawn("arrive", arrive_into(three, kAda, told, done));
    beside.spawn("commands", gate(three->commands, "commands"));
    co_await closed(two, "commands");
    co_await open(two, "tail");
    condition([three] { return three->matchmaker.presence().in_rooms == 2; });
    co_await eventually();
    co_await open(two, "commands");
    condition([&done] { return done; });
    co_await eventually();

    EXPECT_TRUE(told && told->room == room);
    const auto host = co_await two->matchmaker.seat_host(kAda, room);
    EXPECT_EQ(host, "three");
    co_await beside.join();
  });
}

TEST_F(MatchmakerDriveTest, WhoeverArrivesWithoutARoomIsInNoPool) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    const Facts facts;
    const auto told = co_await one->matchmaker.arrive(kAda, facts);
    EXPECT_FALSE(told);
    const redis::Command count("HLEN", shard_key("all", "people"));
    const redis::Reply people = co_await ask(one, count);
    EXPECT_EQ(people.as_int(), 0);
  });
}

TEST_F(MatchmakerDriveTest, ArriveThrowsWhenRedisCannotBeAsked) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    redis_.kill9();
    bool threw = false;
    try {
      co_await arrive(one, kAda);
    } catch (const system_error&) {
      threw = true;
    }
    redis_.start();
    EXPECT_TRUE(threw);
    condition([one] { return one->matchmaker.healthy(); });
    co_await eventually();
    co_await arrive(one, kAda);
  });
}

TEST_F(MatchmakerDriveTest, SearchesThatRedisDidNotHearOfGoOnWhenItIsBack) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    co_await arrive(one, kAda);
    co_await arrive(one, kBob);
    redis_.kill9();
    const Search what = wish(kAda);
    const SearchOutcome waits = co_await one->matchmaker.search(what);
    Search other = one_shot(kBob);
    other.lounge = false;  // Or he would be found as soon as Redis is back.
    const SearchOutcome fails = co_await one->matchmaker.search(other);
    redis_.start();

    EXPECT_EQ(waits.kind, SearchOutcome::Kind::waiting);
    EXPECT_EQ(fails.kind, SearchOutcome::Kind::unavailable);
    condition([one] { return one->matchmaker.presence().searching == 1; });
    co_await eventually();
    const Search again = wish(kBob);
    co_await one->matchmaker.search(again);
    condition([one] { return one->sink.told.size() == 2; });
    co_await eventually();
    const std::vector<std::string> faults = co_await check_log(one->commands);
    EXPECT_THAT(faults, IsEmpty());
  });
}

TEST_F(MatchmakerDriveTest, ASilentRedisDoesNotPairAnybodyTwice) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    std::vector<UserId> people;
    for (int i = 0; i < 20; ++i) people.push_back(UserId{100 + i});
    for (std::size_t i = 0; i < people.size(); ++i) {
      Node* node = i % 2 == 0 ? one : two;
      co_await arrive(node, people[i]);
    }
    redis_.pause();
    TaskGroup searches(io_.get_executor(), [](const std::string&, std::exception_ptr) {});
    for (std::size_t i = 0; i < people.size(); ++i) {
      const Search what = wish(people[i]);
      searches.spawn("search", again(i % 2 == 0 ? one : two, what));
    }
    co_await sleep_for(Millis(2500));  // Longer than the limit of a command: replies are lost.
    redis_.resume();
    co_await searches.join();
    condition([=] { return one->sink.told.size() + two->sink.told.size() == 20; });
    co_await eventually(Millis(20'000));

    std::map<UserId, std::size_t> told;
    for (const Node* node : {one, two}) {
      for (const Told& match : node->sink.told) ++told[match.user];
    }
    EXPECT_EQ(told.size(), 20u);
    const std::vector<std::string> faults = co_await check_log(one->commands);
    EXPECT_THAT(faults, IsEmpty());
  });
}

}  // namespace
}  // namespace seendr::match::test
