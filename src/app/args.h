#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace leat::app {

class Context;

/// An option of a command, as data: parsing, help and shell completion come from it.
struct Option {
  std::string name;         ///< without dashes: "select"
  std::string value;        ///< word for its value in the help; "" makes it a switch
  std::string description;  ///< says default and unit
  char letter = 0;          ///< "-c"
  std::vector<std::string> allowed;
  bool repeat = false;
  std::string complete;  ///< what the shell offers: "" nothing, "file", "folder"
};

struct Argument {
  std::string name;  ///< as shown in the usage: "NAME"
  std::string description;
  bool required = false;
  bool repeat = false;  ///< the last one may
};

/// One command: a folder of commands/, found by CMake, whose entry `leat_command_<folder>()` returns this.
struct CommandSpec {
  std::string name;
  std::string summary;      ///< one line, for the menu
  std::string description;  ///< a paragraph
  std::vector<Option> options;
  std::vector<Argument> arguments;
  std::vector<std::string> examples;
  std::vector<CommandSpec> commands;  ///< of "lake history": then `run` is empty
  /// Returns the exit code; an error is rendered and mapped by base/exit_code.h.
  Result<int> (*run)(Context& context) = nullptr;
};

/// All commands, sorted by name.
const std::vector<CommandSpec>& AllCommands();

/// What was typed, checked against the spec.
class Arguments {
 public:
  bool Has(const std::string& option) const { return options.contains(option); }
  std::string Get(const std::string& option, const std::string& otherwise = "") const;
  std::vector<std::string> All(const std::string& option) const;
  /// A whole number from `least` on. APP-103 for anything else.
  Result<int> Whole(const std::string& option, int otherwise, int least) const;
  /// Positional argument i, or "".
  std::string At(size_t i) const { return i < positional.size() ? positional[i] : ""; }

  std::map<std::string, std::vector<std::string>> options;
  std::vector<std::string> positional;
};

/// What a command line means: a command to run, or a help text to print.
struct Invocation {
  const CommandSpec* command = nullptr;
  std::string path;  ///< "lake history"
  Arguments arguments;
  std::string help;  ///< not empty: print this and exit with 0
};

/// Options that every command takes.
const std::vector<Option>& GlobalOptions();

/// Reads a command line (without the program's name). APP-101 unknown command, APP-102 unknown option (nearest names),
/// APP-103 value missing or not allowed, APP-104 argument missing or too many.
Result<Invocation> ParseCommandLine(const std::vector<CommandSpec>& commands, const std::vector<std::string>& words);

std::string MenuText(const std::vector<CommandSpec>& commands);
std::string HelpText(const CommandSpec& command, const std::string& path);

}  // namespace leat::app
