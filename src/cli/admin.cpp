// `seendr admin …`: reports, bans and pictures.
#include <cstdio>
#include <cstdlib>
#include <set>

#include "app/accounts/avatars.hpp"
#include "app/accounts/notifications.hpp"
#include "app/app.hpp"
#include "app/people/bus.hpp"
#include "auth/sessions.hpp"
#include "channels/layer.hpp"
#include "cli/command.hpp"
#include "rooms/signalling.hpp"

namespace seendr::cli {

namespace {

struct AdminArguments {
  Flags flags;
  std::string user;
  std::vector<std::int64_t> ids;
  std::string by;
  int days = 0;
  std::string reason;
  int limit = 100;
  bool json = false;
  bool open = false;
};

UserId user_of(const AdminArguments& arguments) {
  const auto user = parse_user_id(arguments.user);
  if (!user)
    throw app::ConfigError("USER is a person's decimal id, not \"" + arguments.user + "\"");
  return *user;
}

awaitable<int> list_reports(Backend& backend, const AdminArguments& arguments) {
  app::Moderation moderation(backend.database);
  const json::array reports = co_await moderation.reports(arguments.limit, arguments.open);
  if (arguments.json) {
    std::printf("%s\n", json::serialize(reports).c_str());
    co_return kOk;
  }
  std::printf("id\ttime\treported\treporter\treason\tnote\n");
  for (const json::value& value : reports) {
    const json::object& report = value.as_object();
    const auto text = [&report](const char* key) {
      const json::value& field = report.at(key);
      return field.is_string() ? std::string(field.as_string()) : json::serialize(field);
    };
    std::printf("%s\t%s\t%s\t%s\t%s\t%s\n", text("id").c_str(), text("created_at").c_str(),
                text("reported").c_str(), text("reporter").c_str(), text("reason").c_str(),
                json::serialize(json::string(text("note"))).c_str());
  }
  co_return kOk;
}

awaitable<int> handle(Backend& backend, const Env& env, const AdminArguments& arguments) {
  app::Moderation moderation(backend.database);
  std::vector<app::HandledReport> handled = co_await moderation.handle(arguments.ids, arguments.by);
  channels::Layer layer(env, backend.redis, backend.redis, channels::LayerOptions{});
  std::set<std::int64_t> others(arguments.ids.begin(), arguments.ids.end());
  for (app::HandledReport& report : handled) {
    std::printf("handled\t%s\n", std::to_string(report.id).c_str());
    others.erase(report.id);
    if (!report.notification) continue;
    co_await app::show_notification(layer, *report.reporter, std::move(*report.notification));
  }
  for (const std::int64_t id : others) {
    std::fprintf(stderr, "seendr: there is no open report %s\n", std::to_string(id).c_str());
  }
  co_return others.empty() ? kOk : kFailed;
}

awaitable<int> ban(Backend& backend, const Env& env, const app::Settings& settings, UserId user,
                   int days, std::string reason) {
  app::Moderation moderation(backend.database);
  const bool known = co_await moderation.ban(user, days, std::move(reason));
  if (!known) {
    std::fprintf(stderr, "seendr: there is no user %s\n", user.text().c_str());
    co_return kFailed;
  }
  auth::Sessions sessions(env, backend.redis, app::session_options(settings));
  const std::vector<std::string> ended = co_await sessions.end_all(user);
  channels::Layer layer(env, backend.redis, backend.redis, channels::LayerOptions{});
  channels::Message message = app::bus::to_message(app::bus::Banned{user});
  const std::string group = rooms::user_group(user);
  co_await layer.group_send(group, std::move(message));
  std::printf("banned\t%s\t%zu sessions ended\n", user.text().c_str(), ended.size());
  co_return kOk;
}

awaitable<int> unban(Backend& backend, UserId user) {
  app::Moderation moderation(backend.database);
  const bool was_banned = co_await moderation.unban(user);
  if (!was_banned) {
    std::fprintf(stderr, "seendr: %s is not banned\n", user.text().c_str());
    co_return kFailed;
  }
  std::printf("unbanned\t%s\n", user.text().c_str());
  co_return kOk;
}

awaitable<int> remove_avatar(Backend& backend, UserId user) {
  app::Avatars avatars(backend.database);
  const bool was_there = co_await avatars.remove(user);
  if (!was_there) {
    std::fprintf(stderr, "seendr: %s has no picture\n", user.text().c_str());
    co_return kFailed;
  }
  std::printf("removed\t%s\n", user.text().c_str());
  co_return kOk;
}

using Body = std::function<awaitable<int>(Backend&, const Env&, const app::Settings&)>;

int with_backend(const AdminArguments& arguments, const Body& body) {
  const app::Settings settings = arguments.flags.load();
  const Process process(settings);
  Backend backend(process.env, settings, "seendr admin");
  return run(backend, process.env, [&] { return body(backend, process.env, settings); });
}

void add_reports(CLI::App& admin, int& status) {
  CLI::App& command = *admin.add_subcommand(
      "reports", "Reports, newest first: id, time, reported, reporter, reason, note");
  const auto arguments = std::make_shared<AdminArguments>();
  arguments->flags.data_dir(command);
  command.add_flag("--json", arguments->json, "One JSON array");
  command.add_flag("--open", arguments->open, "Only those that nobody handled");
  command.add_option("--limit", arguments->limit, "At most so many [100]")
      ->check(in_range(1, 10'000));
  command.callback([arguments, &status] {
    status = with_backend(*arguments, [&](Backend& backend, const Env&, const app::Settings&) {
      return list_reports(backend, *arguments);
    });
  });
}

// Who is at the keyboard, as far as the system tells.
std::string own_name() {
  const char* name = std::getenv("USER");
  return name && *name ? name : "admin";
}

void add_handle(CLI::App& admin, int& status) {
  CLI::App& command =
      *admin.add_subcommand("handle", "Mark reports as handled, and tell who wrote them");
  const auto arguments = std::make_shared<AdminArguments>();
  arguments->flags.data_dir(command);
  command.add_option("ID", arguments->ids, "The ids of reports")->required();
  command.add_option("--by", arguments->by, "Who handled them, up to 64 characters [$USER]");
  command.callback([arguments, &status] {
    if (arguments->by.empty()) arguments->by = own_name();
    if (arguments->by.size() > 64) throw app::ConfigError("--by has more than 64 characters");
    status = with_backend(*arguments, [&](Backend& backend, const Env& env, const app::Settings&) {
      return handle(backend, env, *arguments);
    });
  });
}

void add_ban(CLI::App& admin, int& status) {
  CLI::App& command =
      *admin.add_subcommand("ban", "Close a person's sockets, end their sessions, refuse sign-in");
  const auto arguments = std::make_shared<AdminArguments>();
  arguments->flags.data_dir(command);
  command.add_option("USER", arguments->user, "The person's id")->required();
  command.add_option("--days", arguments->days, "For so many days [for ever]")
      ->check(in_range(1, 36'500));
  command.add_option("--reason", arguments->reason, "Why")->required();
  command.callback([arguments, &status] {
    const UserId user = user_of(*arguments);
    if (arguments->reason.empty()) throw app::ConfigError("--reason must not be empty");
    status = with_backend(
        *arguments, [&](Backend& backend, const Env& env, const app::Settings& settings) {
          return ban(backend, env, settings, user, arguments->days, arguments->reason);
        });
  });
}

void add_unban(CLI::App& admin, int& status) {
  CLI::App& command = *admin.add_subcommand("unban", "Let a person in again");
  const auto arguments = std::make_shared<AdminArguments>();
  arguments->flags.data_dir(command);
  command.add_option("USER", arguments->user, "The person's id")->required();
  command.add_option("--reason", arguments->reason, "Why");
  command.callback([arguments, &status] {
    const UserId user = user_of(*arguments);
    status = with_backend(*arguments, [&](Backend& backend, const Env&, const app::Settings&) {
      return unban(backend, user);
    });
  });
}

void add_remove_avatar(CLI::App& admin, int& status) {
  CLI::App& command = *admin.add_subcommand("remove-avatar", "Take a person's picture away");
  const auto arguments = std::make_shared<AdminArguments>();
  arguments->flags.data_dir(command);
  command.add_option("USER", arguments->user, "The person's id")->required();
  command.callback([arguments, &status] {
    const UserId user = user_of(*arguments);
    status = with_backend(*arguments, [&](Backend& backend, const Env&, const app::Settings&) {
      return remove_avatar(backend, user);
    });
  });
}

}  // namespace

void add_admin(CLI::App& program, int& status) {
  CLI::App& admin = *program.add_subcommand("admin", "Reports, bans and pictures");
  admin.require_subcommand(1);
  add_reports(admin, status);
  add_handle(admin, status);
  add_ban(admin, status);
  add_unban(admin, status);
  add_remove_avatar(admin, status);
}

}  // namespace seendr::cli
