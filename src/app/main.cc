#include <signal.h>
#include <sys/stat.h>

#include <clocale>
#include <exception>

#include "app/program.h"
#include "base/fault.h"

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  try {
    return leat::app::RunProgram(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    leat::app::ReportBug(error.what());
    return 70;
  }
}
