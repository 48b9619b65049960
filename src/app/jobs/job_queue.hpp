// Enqueues the application's own tasks.
#pragma once

#include <string_view>

#include "base/env.hpp"
#include "tasks/client.hpp"

namespace seendr::app {

// Where our tasks wait. Of its own, because a worker buries what it does not know: a queue shared
// with a Django site's workers would lose their tasks.
inline constexpr std::string_view kJobQueue = "seendr";

// Mails have one of theirs, with a bound, so that a slow mail server holds up nothing else.
inline constexpr std::string_view kMailQueue = "seendr.mail";

// The kinds of tasks; each is described where its handler is.
namespace job {
inline constexpr std::string_view kMails = "seendr.mail.";  // What those of mails begin with.
inline constexpr std::string_view kVerificationMail = "seendr.mail.verification";
inline constexpr std::string_view kPasswordResetMail = "seendr.mail.password_reset";
inline constexpr std::string_view kArchiveBoard = "seendr.board.archive";
inline constexpr std::string_view kDigestMails = "seendr.mail.digests";
inline constexpr std::string_view kDigestMail = "seendr.mail.digest";
inline constexpr std::string_view kWarmCache = "seendr.cache.warm";
inline constexpr std::string_view kCleanUp = "seendr.data.clean_up";
inline constexpr std::string_view kForgetGone = "seendr.accounts.forget";
inline constexpr std::string_view kRecordHistory = "seendr.history.record";
}  // namespace job

class JobQueue {
 public:
  // `redis` must outlive the queue, which is used on its executor.
  JobQueue(const Env& env, redis::Client& redis) : env_(env), client_(env, redis) {}

  // Tries a few times while Redis is away. False, and logged, when it could not be enqueued.
  awaitable<bool> enqueue(std::string_view kind, json::array args);

 private:
  Env env_;
  tasks::Client client_;
};

}  // namespace seendr::app
