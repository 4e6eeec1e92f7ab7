#include "app/args.h"

#include <algorithm>
#include <charconv>

#include "base/nearest.h"

namespace leat::app {
namespace {

std::vector<std::string> Names(const std::vector<CommandSpec>& commands) {
  std::vector<std::string> names;
  names.reserve(commands.size());
  for (const CommandSpec& command : commands) names.push_back(command.name);
  return names;
}

const CommandSpec* Find(const std::vector<CommandSpec>& commands, const std::string& name) {
  for (const CommandSpec& command : commands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

const Option* FindOption(const CommandSpec& command, std::string_view name, char letter) {
  for (const auto* options : {&command.options, &GlobalOptions()}) {
    for (const Option& option : *options) {
      if (letter != 0 ? option.letter == letter : option.name == name) return &option;
    }
  }
  return nullptr;
}

std::string Flag(const Option& option) {
  std::string text = option.letter != 0 ? fmt::format("-{}, --{}", option.letter, option.name) : "    --" + option.name;
  if (!option.value.empty()) text += " " + option.value;
  return text;
}

std::string OptionLines(const std::vector<Option>& options) {
  std::string text;
  for (const Option& option : options) {
    std::string description = option.description;
    if (!option.allowed.empty()) description += fmt::format(" ({})", fmt::join(option.allowed, ", "));
    text += fmt::format("  {:<28}{}\n", Flag(option), description);
  }
  return text;
}

class Reader {
 public:
  Reader(const CommandSpec& command, std::string path, const std::vector<std::string>& words, size_t at)
      : command_(command), path_(std::move(path)), words_(words), at_(at) {}

  Result<Arguments> Read() {
    bool options_end = false;
    while (at_ < words_.size()) {
      const std::string& word = words_[at_++];
      if (!options_end && word == "--") {
        options_end = true;
      } else if (!options_end && word.starts_with("--")) {
        LEAT_TRY(ReadLong(word.substr(2)));
      } else if (!options_end && word.size() > 1 && word[0] == '-') {
        LEAT_TRY(ReadShort(word));
      } else {
        read_.positional.push_back(word);
      }
    }
    return Checked();
  }

 private:
  Status ReadLong(const std::string& word) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const Option* option = FindOption(command_, name, 0);
    if (option == nullptr) {
      std::vector<std::string> names;
      for (const auto* options : {&command_.options, &GlobalOptions()}) {
        for (const Option& known : *options) names.push_back(known.name);
      }
      std::string hint = DidYouMean(name, names);
      if (hint.empty()) hint = "its options: leat " + path_ + " --help";
      return MakeError("APP-102", ErrorKind::kUsage, "leat {} has no option --{}", path_, name).WithHint(hint);
    }
    if (equals == std::string::npos) return Take(*option, nullptr);
    const std::string value = word.substr(equals + 1);
    return Take(*option, &value);
  }

  Status ReadShort(const std::string& word) {
    const Option* option = FindOption(command_, "", word[1]);
    if (option == nullptr) {
      return MakeError("APP-102", ErrorKind::kUsage, "leat {} has no option {}", path_, word)
          .WithHint("its options: leat " + path_ + " --help");
    }
    if (word.size() == 2) return Take(*option, nullptr);
    const std::string value = word.substr(2);
    return Take(*option, &value);
  }

  Status Take(const Option& option, const std::string* given) {
    if (option.value.empty()) {
      if (given != nullptr) return MakeError("APP-103", ErrorKind::kUsage, "--{} takes no value", option.name);
      read_.options[option.name] = {"true"};
      return Ok();
    }
    const bool option_follows = given == nullptr && at_ < words_.size() && words_[at_].starts_with("--") &&
                                FindOption(command_, words_[at_].substr(2, words_[at_].find('=') - 2), 0) != nullptr;
    if (given == nullptr && (at_ >= words_.size() || option_follows)) {
      return MakeError("APP-103", ErrorKind::kUsage, "--{} needs a value: {}", option.name, option.value);
    }
    const std::string value = given != nullptr ? *given : words_[at_++];
    if (!option.allowed.empty() &&
        std::find(option.allowed.begin(), option.allowed.end(), value) == option.allowed.end()) {
      return MakeError("APP-103", ErrorKind::kUsage, "--{} cannot be '{}'", option.name, value)
          .WithHint(fmt::format("allowed: {}", fmt::join(option.allowed, ", ")));
    }
    auto& values = read_.options[option.name];
    if (!values.empty() && !option.repeat) {
      return MakeError("APP-103", ErrorKind::kUsage, "--{} is given twice", option.name);
    }
    values.push_back(value);
    return Ok();
  }

  Result<Arguments> Checked() {
    const size_t given = read_.positional.size();
    const bool open_ended = !command_.arguments.empty() && command_.arguments.back().repeat;
    if (given > command_.arguments.size() && !open_ended) {
      return MakeError("APP-104", ErrorKind::kUsage, "leat {}: '{}' is one argument too many", path_,
                       read_.positional[command_.arguments.size()])
          .WithHint("see leat " + path_ + " --help");
    }
    for (size_t i = given; i < command_.arguments.size(); ++i) {
      if (command_.arguments[i].required) {
        return MakeError("APP-104", ErrorKind::kUsage, "leat {} needs {}", path_, command_.arguments[i].name)
            .WithHint(command_.arguments[i].description);
      }
    }
    return std::move(read_);
  }

  const CommandSpec& command_;
  std::string path_;
  const std::vector<std::string>& words_;
  size_t at_;
  Arguments read_;
};

}  // namespace

const std::vector<Option>& GlobalOptions() {
  static const std::vector<Option> options = {
      {"project",
       "FOLDER",
       "the project's folder; default: the nearest one upwards with a leat.yml",
       0,
       {},
       false,
       "folder"},
      {"no-color", "", "no colours and no bars, as with NO_COLOR set", 0, {}, false, ""},
      {"verbose", "", "log what happens to standard error", 'v', {}, false, ""},
      {"help", "", "this text", 'h', {}, false, ""},
  };
  return options;
}

std::string Arguments::Get(const std::string& option, const std::string& otherwise) const {
  const auto found = options.find(option);
  return found == options.end() ? otherwise : found->second.back();
}

Result<int> Arguments::Whole(const std::string& option, int otherwise, int least) const {
  if (!Has(option)) return otherwise;
  const std::string text = Get(option);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= least) return value;
  return MakeError("APP-103", ErrorKind::kUsage, "--{} cannot be '{}'", option, text)
      .WithHint(fmt::format("a whole number, {} or more", least));
}

std::vector<std::string> Arguments::All(const std::string& option) const {
  const auto found = options.find(option);
  return found == options.end() ? std::vector<std::string>{} : found->second;
}

namespace {

/// How many words the option of every command takes that stands at `words[at]`, before the command; 0: it is none.
size_t GlobalWords(const std::vector<std::string>& words, size_t at) {
  for (const Option& option : GlobalOptions()) {
    if (option.name == "help") continue;
    const std::string whole = "--" + option.name;
    if (words[at].starts_with(whole + "=") && !option.value.empty()) return 1;
    if (words[at] != whole && (option.letter == 0 || words[at] != std::string{'-', option.letter})) continue;
    return option.value.empty() ? 1 : std::min<size_t>(2, words.size() - at);
  }
  return 0;
}

}  // namespace

Result<Invocation> ParseCommandLine(const std::vector<CommandSpec>& commands, const std::vector<std::string>& given) {
  // `leat --project x run` is `leat run --project x`.
  size_t before = 0;
  while (before < given.size()) {
    const size_t count = GlobalWords(given, before);
    if (count == 0) break;
    before += count;
  }
  std::vector<std::string> words(given.begin() + static_cast<ptrdiff_t>(before), given.end());
  Invocation invocation;
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || (words[0] == "help" && words.size() == 1)) {
    invocation.help = MenuText(commands);
    return invocation;
  }
  const bool wants_help = words[0] == "help" || std::find_if(words.begin(), words.end(), [](const std::string& word) {
                                                  return word == "--help" || word == "-h";
                                                }) != words.end();
  size_t at = words[0] == "help" ? 1 : 0;
  const std::vector<CommandSpec>* level = &commands;
  while (true) {
    const std::string word = at < words.size() ? (words[at] == "--version" ? "version" : words[at]) : "";
    const CommandSpec* found = word.empty() ? nullptr : Find(*level, word);
    if (found == nullptr && invocation.command != nullptr && (word.empty() || word[0] == '-')) {
      if (wants_help) break;
      return MakeError("APP-104", ErrorKind::kUsage, "leat {} needs a command", invocation.path)
          .WithHint(fmt::format("one of: {}", fmt::join(Names(*level), ", ")));
    }
    if (found == nullptr) {
      const std::string prefix = invocation.path.empty() ? "" : invocation.path + " ";
      std::string hint = DidYouMean(word, Names(*level));
      if (hint.empty()) hint = "all commands: leat " + prefix + "--help";
      return MakeError("APP-101", ErrorKind::kUsage, "there is no command '{}{}'", prefix, word).WithHint(hint);
    }
    invocation.command = found;
    invocation.path += (invocation.path.empty() ? "" : " ") + found->name;
    ++at;
    if (found->commands.empty()) break;
    // A command with commands of its own may also run by itself (`leat serve`, `leat serve token create`).
    if (found->run != nullptr && (at >= words.size() || Find(found->commands, words[at]) == nullptr)) break;
    level = &found->commands;
  }
  if (wants_help) {
    invocation.help = HelpText(*invocation.command, invocation.path);
    return invocation;
  }
  words.insert(words.begin() + static_cast<ptrdiff_t>(at), given.begin(),
               given.begin() + static_cast<ptrdiff_t>(before));
  LEAT_ASSIGN(invocation.arguments, Reader(*invocation.command, invocation.path, words, at).Read());
  return invocation;
}

std::string MenuText(const std::vector<CommandSpec>& commands) {
  std::string text =
      "Leat runs a company's data platform on Apache Iceberg tables.\n\nusage: leat COMMAND [options]\n\n";
  for (const CommandSpec& command : commands) text += fmt::format("  {:<12}{}\n", command.name, command.summary);
  text += "\noptions of every command:\n" + OptionLines(GlobalOptions());
  text += "\nMore about one: leat COMMAND --help. A first project: leat init\n";
  return text;
}

std::string HelpText(const CommandSpec& command, const std::string& path) {
  std::string text = fmt::format("{}\n\nusage: leat {}", command.summary, path);
  if (command.run == nullptr) text += " COMMAND";
  for (const Argument& argument : command.arguments) {
    const std::string name = argument.name + (argument.repeat ? "…" : "");
    text += argument.required ? " " + name : " [" + name + "]";
  }
  text += " [options]\n";
  if (!command.description.empty()) text += "\n" + command.description + "\n";
  if (!command.commands.empty()) {
    text += "\ncommands:\n";
    for (const CommandSpec& inner : command.commands) text += fmt::format("  {:<14}{}\n", inner.name, inner.summary);
  }
  if (!command.arguments.empty()) {
    text += "\narguments:\n";
    for (const Argument& argument : command.arguments)
      text += fmt::format("  {:<28}{}\n", argument.name, argument.description);
  }
  text += "\noptions:\n" + OptionLines(command.options) + OptionLines(GlobalOptions());
  if (!command.examples.empty()) {
    text += "\nexamples:\n";
    for (const std::string& example : command.examples) text += "  " + example + "\n";
  }
  return text;
}

}  // namespace leat::app
