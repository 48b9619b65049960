#include "app/accounts/account_data.hpp"
#include "app/people/cards.hpp"
#include "app/people/relay_wishes.hpp"
#include "app/settings/config.hpp"
#include "auth/sessions.hpp"
#include "rooms/signalling.hpp"

#include "jobs_stage.hpp"

namespace seendr::app {
namespace {

class AccountJobsTest : public JobsStage {
 protected:
  AccountJobsTest() : JobsStage(MailOptions{}) {}
};

TEST_F(AccountJobsTest, ForgetWhoIsGoneEverywhere) {
  const UserId ada{std::stoll(
      database_.execute("insert into users (display_name) values ('Ada') returning id"))};
  AccountData accounts(postgres_);
  Cards cards(redis());
  RelayWishes wishes(redis());
  auth::Sessions sessions(env(), redis(), session_options(settings_));
  channels::Layer layer(env(), redis(), another_client(), channels::LayerOptions{});
  std::vector<std::string> heard;
  TaskGroup loops(io().get_executor(), [](const std::string& name, std::exception_ptr error) {
    ADD_FAILURE() << name << ": " << what(error);
  });
  channels::Layer::OnMessage listen = [&heard](const std::string&,
                                               const channels::Message& message) {
    heard.push_back(message.dump());
  };
  loops.spawn("layer", layer.run(std::move(listen)));
  with_worker([&]() -> awaitable<void> {
    const Card card{"Ada", {"en"}, ""};
    co_await cards.put(ada, card);
    co_await wishes.keep(ada);
    const std::vector<UserId> people{ada};
    co_await sessions.create_many(people);
    const std::string channel = layer.new_channel();
    co_await layer.group_add(rooms::user_group(ada), channel);
    const bool erased = co_await accounts.erase(ada);
    EXPECT_TRUE(erased);
    std::vector<UserId> gone = co_await accounts.gone(10);
    EXPECT_EQ(gone, people);

    json::array none;
    co_await jobs_.enqueue(job::kForgetGone, std::move(none));
    const std::function<bool()> told = [&heard] {
      return !heard.empty();
    };
    const bool there = co_await test::becomes(told, Millis(8000));
    EXPECT_TRUE(there);
    while (!gone.empty() && there) gone = co_await accounts.gone(10);
    const std::optional<Card> left = co_await cards.find(ada);
    EXPECT_FALSE(left);
    const bool wished = co_await wishes.holds(ada);
    EXPECT_FALSE(wished);
    const std::vector<auth::ListedSession> open = co_await sessions.list(ada);
    EXPECT_TRUE(open.empty());
    loops.cancel();
    co_await loops.join();
    co_await layer.close();
  });
}

}  // namespace
}  // namespace seendr::app
