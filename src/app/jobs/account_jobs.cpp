// seendr.accounts.forget: takes people whose account ended out of Redis and off every process, if
// the request that ended it could not.
#include "app/accounts/account_data.hpp"
#include "app/jobs/job_queue.hpp"
#include "app/jobs/jobs.hpp"
#include "app/people/bus.hpp"
#include "app/people/cards.hpp"
#include "app/people/relay_wishes.hpp"
#include "app/settings/config.hpp"
#include "rooms/signalling.hpp"

namespace seendr::app {

namespace {

constexpr int kForgottenAtOnce = 500;  // In one run; the next one goes on.

struct Forgetter {
  explicit Forgetter(const JobParts& parts)
      : accounts(parts.database),
        cards(parts.redis),
        relay_wishes(parts.redis),
        layer(parts.env, parts.redis, parts.redis, channels::LayerOptions{}),
        sessions(parts.env, parts.redis, session_options(parts.settings)) {}

  AccountData accounts;
  Cards cards;
  RelayWishes relay_wishes;
  channels::Layer layer;
  auth::Sessions sessions;
};

awaitable<void> forget(Forgetter& all, UserId user) {
  co_await all.cards.drop(user);
  co_await all.relay_wishes.drop(user);
  // Before the sessions: the end of one alone would tell the partner of a lost connection.
  channels::Message message = bus::to_message(bus::Gone{user});
  co_await all.layer.group_send(rooms::user_group(user), std::move(message));
  co_await all.sessions.end_all(user);
  co_await all.accounts.forgotten(user);
}

awaitable<json::value> forget_gone(Forgetter& all) {
  const std::vector<UserId> gone = co_await all.accounts.gone(kForgottenAtOnce);
  for (const UserId user : gone) {
    co_await forget(all, user);
  }
  co_return gone.size();
}

}  // namespace

void add_account_jobs(tasks::Registry& registry, const JobParts& parts) {
  const auto all = std::make_shared<Forgetter>(parts);
  tasks::KindOptions options;
  options.concurrency = 1;
  options.buried = false;
  options.time_limit = Millis(60'000);
  registry.on(std::string(job::kForgetGone), options,
              [all](tasks::TaskContext&) { return forget_gone(*all); });
}

}  // namespace seendr::app
