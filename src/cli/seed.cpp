// `seendr seed`
#include "app/seed.hpp"

#include <cstdio>
#include <fstream>

#include "app/app.hpp"
#include "app/sql.hpp"
#include "auth/sessions.hpp"
#include "cli/command.hpp"

#include <sys/stat.h>

namespace seendr::cli {

namespace {

constexpr std::size_t kSessionsAtOnce = 500;

struct SeedArguments {
  Flags flags;
  std::size_t users = 0;
  std::uint64_t seed = 1;
  std::string file;
};

void write_file(const std::string& path, const std::vector<app::DemoPerson>& people,
                const std::vector<SessionId>& sessions) {
  const mode_t before = umask(077);  // Whoever reads the file is these people.
  std::ofstream out(path, std::ios::trunc);
  umask(before);
  for (std::size_t i = 0; i < people.size(); ++i) {
    const app::DemoPerson& person = people[i];
    out << person.id.text() << '\t' << sessions[i].text() << '\t' << app::joined(person.languages)
        << '\t' << person.region << '\t' << app::joined(person.interests) << '\n';
  }
  out.flush();
  if (!out) throw std::runtime_error("cannot write " + path);
}

awaitable<int> seed(Backend& backend, const Env& env, const app::Settings& settings,
                    const SeedArguments& arguments) {
  const std::vector<app::Interest> vocabulary = co_await app::load_interests(backend.database);
  std::vector<app::DemoPerson> invented =
      app::invent_people(vocabulary, arguments.users, arguments.seed);
  const std::vector<app::DemoPerson> people =
      co_await app::store_people(backend.database, std::move(invented));
  auth::Sessions sessions(env, backend.redis, app::session_options(settings));
  std::vector<SessionId> ids;
  for (std::size_t from = 0; from < people.size(); from += kSessionsAtOnce) {
    std::vector<UserId> users;
    for (std::size_t i = from; i < std::min(from + kSessionsAtOnce, people.size()); ++i) {
      users.push_back(people[i].id);
    }
    const std::vector<SessionId> made = co_await sessions.create_many(std::move(users));
    ids.insert(ids.end(), made.begin(), made.end());
  }
  if (!arguments.file.empty()) write_file(arguments.file, people, ids);
  std::printf("%zu people\n", people.size());
  co_return kOk;
}

}  // namespace

void add_seed(CLI::App& program, int& status) {
  CLI::App& command = *program.add_subcommand("seed", "Demo people, signed in");
  const auto arguments = std::make_shared<SeedArguments>();
  arguments->flags.data_dir(command);
  command.add_option("--users", arguments->users, "How many")
      ->required()
      ->check(in_range(1, 1'000'000));
  command.add_option("--seed", arguments->seed, "Which people; the same seed gives the same [1]");
  command.add_option("--users-file", arguments->file,
                     "Where to write id, session and the rest, a line each");
  command.callback([arguments, &status] {
    const app::Settings settings = arguments->flags.load();
    const Process process(settings);
    Backend backend(process.env, settings, "seendr seed");
    status =
        run(backend, process.env, [&] { return seed(backend, process.env, settings, *arguments); });
  });
}

}  // namespace seendr::cli
