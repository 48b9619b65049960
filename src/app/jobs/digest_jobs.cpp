// Mails about unread notifications: seendr.mail.digests finds who is due, seendr.mail.digest [user]
// is one mail. A person is enqueued once in 20 hours, however often the first runs.
#include "app/jobs/job_queue.hpp"
#include "app/jobs/jobs.hpp"
#include "app/settings/work_config.hpp"
#include "app/upkeep/digest.hpp"

namespace seendr::app {

namespace {

constexpr int kPeopleOfAPage = 500;
constexpr Millis kOnceIn{20 * 3'600'000};

struct Digests {
  explicit Digests(const JobParts& parts)
      : digest(parts.database, parts.mailer, digest_options(parts.settings, parts.public_url)),
        client(parts.env, parts.redis) {}

  Digest digest;
  tasks::Client client;
};

tasks::Task mail_to(UserId user) {
  tasks::Task task;
  task.name = job::kDigestMail;
  task.args = {user.value};
  task.queue = kMailQueue;
  task.unique = "digest:" + user.text();
  task.unique_window = kOnceIn;
  task.ignore_result = true;
  return task;
}

// Returns how many were enqueued. Throws when the queue cannot be reached: the next attempt begins
// again, and passes over who was enqueued.
awaitable<json::value> find_due(Digests& digests) {
  std::size_t count = 0;
  UserId after{0};
  for (;;) {
    const std::vector<UserId> people = co_await digests.digest.due_people(after, kPeopleOfAPage);
    for (const UserId user : people) {
      tasks::Task task = mail_to(user);
      const result<std::string> id = co_await digests.client.enqueue(std::move(task));
      if (!id && id.error() != tasks::Errc::duplicate) throw system_error(id.error());
      if (id) ++count;
    }
    if (people.size() < kPeopleOfAPage) co_return count;
    after = people.back();
  }
}

awaitable<json::value> mail_one(Digests& digests, tasks::TaskContext& task) {
  const UserId user{task.args().at(0).to_number<std::int64_t>()};
  const DigestOutcome outcome = co_await digests.digest.send_digest(user);
  if (outcome == DigestOutcome::later) {
    throw tasks::TaskError("RuntimeError", {"the mail server cannot take the mail now"});
  }
  if (outcome == DigestOutcome::refused) {
    throw tasks::TaskError("RuntimeError", {"the mail server refuses the mail"}).final();
  }
  co_return outcome == DigestOutcome::sent;
}

}  // namespace

void add_digest_jobs(tasks::Registry& registry, const JobParts& parts) {
  const auto digests = std::make_shared<Digests>(parts);
  tasks::KindOptions finding;
  finding.retry = mail_kind(parts.settings).retry;  // Tomorrow's run is far away.
  finding.concurrency = 1;
  registry.on(std::string(job::kDigestMails), finding,
              [digests](tasks::TaskContext&) { return find_due(*digests); });
  registry.on(std::string(job::kDigestMail), mail_kind(parts.settings),
              [digests](tasks::TaskContext& task) { return mail_one(*digests, task); });
}

}  // namespace seendr::app
