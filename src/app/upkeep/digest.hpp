// Mails to people about notifications that they did not read: one mail for all of them, to who
// asked for it (`mail_digest`) and has a confirmed address.
//
// A notification is in at most one mail: it is marked in the transaction that finds it, before the
// mail is sent, so a crash between the two loses the mail and not a stranger's patience: the page
// has it all. When the mail server cannot take the mail now or refuses it for another reason than
// the address, or the attempt is cancelled, the marks are taken back for the next one; if the
// server took the mail after all and its answer was lost, the person gets two.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "app/mail/mailer.hpp"
#include "base/ids.hpp"
#include "postgres/database.hpp"

namespace seendr::app {

struct DigestOptions {
  std::chrono::hours after{12};  // Who has one unread for this long is mailed.
  std::string public_url;        // Where people reach the server.
};

enum class DigestOutcome {
  sent,
  nothing,  // There is nothing to tell them (any more), or they did not ask for it.
  later,    // The mail server cannot now: they are due still.
  refused,  // It never will take this mail. What was in it is for the next, if the address is good.
};

class Digest {
 public:
  // Both must outlive it.
  Digest(postgres::Database& database, Mailer& mailer, DigestOptions options);

  // People to be mailed, at most `limit`, by id and with a larger one than `after`: a page that is
  // not full is the last. Throws what postgres::Database throws.
  awaitable<std::vector<UserId>> due_people(UserId after, int limit);

  // Mails the person all that is unread and in no mail yet, unless it is a month old. Throws what
  // postgres::Database throws. When cancelled, it ends once the marks are taken back.
  awaitable<DigestOutcome> send_digest(UserId user);

 private:
  postgres::Database& database_;
  Mailer& mailer_;
  DigestOptions options_;
};

}  // namespace seendr::app
