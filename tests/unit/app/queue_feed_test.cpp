#include "app/people/queue_feed.hpp"

#include <gtest/gtest.h>

#include "runtime/sleep.hpp"
#include "runtime/task_group.hpp"
#include "support/run.hpp"

namespace seendr::app {
namespace {

Vocabulary two_interests() {
  return Vocabulary({Interest{1, "chess", "games", "Chess", "Échecs"},
                     Interest{2, "music", "music", "Music", "Musique"}});
}

PresenceView people_here(std::size_t online, std::size_t searching) {
  PresenceView view;
  view.online = online;
  view.searching = searching;
  return view;
}

TEST(QueueFeed, ShowsWhatWasCountedAndNothingElse) {
  PresenceView view = people_here(7, 3);
  view.searching_by_interest = {{2, 3}, {99, 1}};

  EXPECT_EQ(
      queue_figures(view, two_interests()),
      json::value(
          {{"online", 7}, {"searching", 3}, {"wait_ms", nullptr}, {"interests", {{"music", 3}}}}));

  view.wait = match::WaitQuantiles{Millis(1500), Millis(9000)};
  EXPECT_EQ(queue_figures(view, two_interests()).at("wait_ms"),
            json::value({{"p50", 1500}, {"p90", 9000}}));
}

TEST(QueueFeed, TellsOnlyWhatChanged) {
  PresenceView view = people_here(7, 3);
  view.searching_by_interest = {{1, 2}, {2, 3}};
  const json::object before = queue_figures(view, two_interests());
  EXPECT_TRUE(queue_changes(before, before).empty());

  view.searching = 2;
  view.searching_by_interest = {{2, 2}};
  const json::object now = queue_figures(view, two_interests());

  EXPECT_EQ(queue_changes(before, now),
            json::value({{"searching", 2}, {"interests", {{"music", 2}, {"chess", 0}}}}));
}

class QueueFeedTest : public testing::Test {
 protected:
  QueueFeedTest() {
    socket_->tap = [this](const std::string& frame) {
      heard_.push_back(json::parse(frame).as_object());
    };
    board_.publish(people_here(1, 0));
  }

  // The feed runs for that many of its looks, at least.
  awaitable<void> looks(int count) { co_await sleep_for(kEvery * count + kEvery / 2); }

  template <class Body>
  void run(Body body) {
    TaskGroup tasks(io_.get_executor(), [](const std::string&, std::exception_ptr) {});
    tasks.spawn("feed", feed_.run());
    test::run(io_, std::move(body));
    test::run(io_, [&tasks]() -> awaitable<void> {
      tasks.cancel();
      co_await tasks.join();
    });
  }

  static constexpr Millis kEvery{20};
  net::io_context io_;
  PresenceBoard board_;
  const Vocabulary vocabulary_ = two_interests();
  QueueFeed feed_{board_, vocabulary_, kEvery};
  SocketPtr socket_ = std::make_shared<Socket>(1, Profile::v1, "hash", io_.get_executor());
  std::vector<json::object> heard_;
};

TEST_F(QueueFeedTest, TellsTheListenerWhatChangedSinceTheSnapshot) {
  run([this]() -> awaitable<void> {
    const json::object snapshot = feed_.join(socket_);
    EXPECT_EQ(snapshot.at("online"), json::value(1));
    board_.publish(people_here(2, 0));
    co_await looks(2);

    const std::vector<json::object> update{{{"online", 2}, {"type", "queue_update"}}};
    EXPECT_EQ(heard_, update);
  });
}

TEST_F(QueueFeedTest, ManyChangesBetweenTwoLooksAreOneFrameAndNoChangeIsNone) {
  run([this]() -> awaitable<void> {
    feed_.join(socket_);
    for (std::size_t online = 2; online <= 50; ++online) board_.publish(people_here(online, 0));
    co_await looks(3);

    EXPECT_EQ(heard_.size(), 1U);
    EXPECT_EQ(heard_.at(0).at("online"), json::value(50));
  });
}

TEST_F(QueueFeedTest, WhoJoinsLaterIsToldChangesToWhatItSaw) {
  run([this]() -> awaitable<void> {
    auto other = std::make_shared<Socket>(2, Profile::v1, "hash", io_.get_executor());
    std::vector<std::string> heard_by_other;
    other->tap = [&heard_by_other](const std::string& frame) {
      heard_by_other.push_back(frame);
    };
    feed_.join(socket_);
    board_.publish(people_here(3, 0));

    const json::object snapshot = feed_.join(other);  // The look that tells of 3 is to come.
    EXPECT_EQ(snapshot.at("online"), json::value(1));
    co_await looks(2);

    EXPECT_EQ(heard_.size(), 1U);
    EXPECT_EQ(heard_by_other.size(), 1U);
  });
}

TEST_F(QueueFeedTest, WhoLeftHearsNothing) {
  run([this]() -> awaitable<void> {
    feed_.join(socket_);
    feed_.leave(socket_->id);
    board_.publish(people_here(9, 0));
    co_await looks(2);

    EXPECT_TRUE(heard_.empty());
  });
}

}  // namespace
}  // namespace seendr::app
