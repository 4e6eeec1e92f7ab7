#include "app/context.h"

namespace leat::app {
namespace {

/// "path|word word …" lines: what may follow each command path, sub-commands and options alike.
void Collect(const CommandSpec& command, const std::string& path,
             std::vector<std::pair<std::string, std::string>>& table) {
  std::string words;
  for (const CommandSpec& inner : command.commands) words += inner.name + " ";
  for (const auto* options : {&command.options, &GlobalOptions()}) {
    for (const Option& option : *options) words += "--" + option.name + " ";
  }
  table.emplace_back(path, words);
  for (const CommandSpec& inner : command.commands) Collect(inner, path + " " + inner.name, table);
}

/// Values that an option allows: "path --option|values".
void CollectValues(const CommandSpec& command, const std::string& path,
                   std::vector<std::pair<std::string, std::string>>& table) {
  for (const Option& option : command.options) {
    if (!option.allowed.empty())
      table.emplace_back(path + " --" + option.name, fmt::format("{}", fmt::join(option.allowed, " ")));
  }
  for (const CommandSpec& inner : command.commands) CollectValues(inner, path + " " + inner.name, table);
}

std::string BashScript() {
  std::vector<std::pair<std::string, std::string>> words, values;
  std::string commands;
  for (const CommandSpec& command : AllCommands()) {
    commands += command.name + " ";
    Collect(command, "leat " + command.name, words);
    CollectValues(command, "leat " + command.name, values);
  }
  std::string script =
      "# leat completion bash >/etc/bash_completion.d/leat, or: eval \"$(leat completion bash)\"\n"
      "_leat() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path=leat words= i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"$path ${COMP_WORDS[i]}\" in\n";
  std::string known;
  for (const auto& [path, ignored] : words) known += (known.empty() ? "" : "|") + fmt::format("'{}'", path);
  script +=
      "      " + known + ") path=\"$path ${COMP_WORDS[i]}\" ;;\n    esac\n  done\n  case \"$path $previous\" in\n";
  for (const auto& [path, text] : values) script += fmt::format("    '{}') words='{}' ;;\n", path, text);
  script += "  esac\n  if [ -z \"$words\" ]; then\n    case \"$path\" in\n";
  script += fmt::format("      leat) words='{}' ;;\n", commands);
  for (const auto& [path, text] : words) script += fmt::format("      '{}') words='{}' ;;\n", path, text);
  script +=
      "    esac\n  fi\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$current\"))\n"
      "}\ncomplete -F _leat leat\n";
  return script;
}

std::string FishScript() {
  std::string script = "# leat completion fish >~/.config/fish/completions/leat.fish\n";
  for (const CommandSpec& command : AllCommands()) {
    script += fmt::format("complete -c leat -n __fish_use_subcommand -a {} -d '{}'\n", command.name, command.summary);
    for (const CommandSpec& inner : command.commands) {
      script += fmt::format("complete -c leat -n '__fish_seen_subcommand_from {}' -a {} -d '{}'\n", command.name,
                            inner.name, inner.summary);
    }
    for (const Option& option : command.options) {
      script += fmt::format("complete -c leat -n '__fish_seen_subcommand_from {}' -l {}{}\n", command.name, option.name,
                            option.allowed.empty() ? "" : fmt::format(" -x -a '{}'", fmt::join(option.allowed, " ")));
    }
  }
  return script;
}

Result<int> Completion(Context& context) {
  const std::string shell = context.args().At(0);
  if (shell == "bash") {
    Print(BashScript());
  } else if (shell == "zsh") {
    Print("#compdef leat\nautoload -Uz bashcompinit && bashcompinit\n" + BashScript());
  } else if (shell == "fish") {
    Print(FishScript());
  } else {
    return MakeError("APP-103", ErrorKind::kUsage, "no completion for the shell '{}'", shell)
        .WithHint("one of: bash, zsh, fish");
  }
  return 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_completion() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "completion";
  spec.summary = "A script that completes leat's commands in your shell";
  spec.arguments = {{"SHELL", "bash, zsh or fish", true, false}};
  spec.examples = {"eval \"$(leat completion bash)\"", "leat completion fish >~/.config/fish/completions/leat.fish"};
  spec.run = Completion;
  return spec;
}
