#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "app/context.h"
#include "app/json_text.h"
#include "base/secret.h"
#include "config/secrets.h"

namespace leat::app {
namespace {

/// Keeps what is typed off the terminal while it lives.
class NoEcho {
 public:
  NoEcho() {
    active_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!active_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_lflag |= ICANON | ISIG;
    active_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~NoEcho() {
    if (active_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios before_{};
  bool active_ = false;
};

/// A line of the terminal, or all of standard input without its last newline.
Result<std::string> ReadValue(const std::string& name, CancelToken& cancel) {
  const bool terminal = isatty(STDIN_FILENO) == 1;
  std::string value;
  char buffer[4096];
  const NoEcho quiet;
  if (terminal) PrintError("value of " + name + " (not shown): ");
  while (!cancel.cancelled()) {
    pollfd waited{STDIN_FILENO, POLLIN, 0};
    if (poll(&waited, 1, 100) <= 0) continue;  // Ctrl-C is looked for in between
    const ssize_t got = read(STDIN_FILENO, buffer, sizeof(buffer));
    if ((got < 0 && errno != EINTR) || got == 0) break;
    if (got > 0) value.append(buffer, static_cast<size_t>(got));
    if (terminal && value.ends_with('\n')) break;
    if (value.size() > (size_t{1} << 20))
      return MakeError("CFG-113", ErrorKind::kUsage, "the value of secret {} is longer than 1 MiB", name);
  }
  if (terminal) PrintError("\n");
  LEAT_TRY(cancel.Check());
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  return value;
}

Result<int> Set(Context& context) {
  LEAT_ASSIGN(const std::string root, context.Root());
  const std::string name = context.args().At(0);
  LEAT_TRY(config::SecretFiles::CheckName(name));
  LEAT_ASSIGN(const std::string value, ReadValue(name, context.Cancel()));
  RegisterSecret(value);
  LEAT_TRY(config::SecretFiles(root).Set(name, value));
  if (context.json()) Print("{\"set\": " + JsonString(name) + "}\n");
  else Print("secret " + name + " is set; write ${secret:" + name + "} where it is needed\n");
  return 0;
}

Result<int> List(Context& context) {
  LEAT_ASSIGN(const std::string root, context.Root());
  std::vector<std::string> objects;
  for (const std::string& name : config::SecretFiles(root).Names()) {
    JsonObject object;
    object.Text("name", name);
    objects.push_back(object.Done());
    if (!context.json()) Print(name + "\n");
  }
  if (context.json()) Print(JsonArray(objects) + "\n");
  return 0;
}

Result<int> Remove(Context& context) {
  LEAT_ASSIGN(const std::string root, context.Root());
  LEAT_TRY(config::SecretFiles(root).Remove(context.args().At(0)));
  if (context.json()) Print("{\"removed\": " + JsonString(context.args().At(0)) + "}\n");
  else Print("removed " + context.args().At(0) + "\n");
  return 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_secret() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec set;
  set.name = "set";
  set.summary = "Set a secret; its value is typed unseen, or comes from standard input";
  set.arguments = {{"NAME", "letters, digits and _", true, false}};
  set.options = {OutputOption()};
  set.run = Set;
  CommandSpec list;
  list.name = "list";
  list.summary = "Names of the secrets, never their values";
  list.options = {OutputOption()};
  list.run = List;
  CommandSpec remove;
  remove.name = "rm";
  remove.summary = "Remove a secret";
  remove.arguments = {{"NAME", "as leat secret list shows it", true, false}};
  remove.options = {OutputOption()};
  remove.run = Remove;
  CommandSpec spec;
  spec.name = "secret";
  spec.summary = "Values of ${secret:NAME} in the project's files";
  spec.description =
      "Kept in the project's private folder, one file each that only its owner can read; never in an argument, a log or\n"
      "an error.";
  spec.commands = {set, list, remove};
  spec.examples = {"leat secret set SHOP_PASSWORD", "pass show shop | leat secret set SHOP_PASSWORD"};
  return spec;
}
