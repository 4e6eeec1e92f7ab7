#pragma once

#include <sql.h>
#include <sqlext.h>
#include <sqlucode.h>

#include "base/result.h"

namespace leat::components::odbc {

/// The functions of ODBC that we call, as the machine's driver manager has them.
#define LEAT_ODBC_FUNCTIONS(function)                                                                                  \
  function(AllocHandle) function(FreeHandle) function(SetEnvAttr) function(SetConnectAttrW) function(DriverConnectW)   \
      function(Disconnect) function(GetInfoW) function(GetDiagRecW) function(SetStmtAttr) function(ExecDirectW)        \
          function(NumResultCols) function(DescribeColW) function(ColAttributeW) function(GetConnectAttrW)             \
              function(BindCol) function(Fetch) function(GetData) function(SetPos) function(FreeStmt) function(Cancel) \
                  function(TablesW) function(ColumnsW) function(PrimaryKeysW) function(StatisticsW) function(EndTran)  \
                      function(GetStmtAttr)

struct DriverManager {
#define LEAT_ODBC_MEMBER(name) decltype(&::SQL##name) name = nullptr;
  LEAT_ODBC_FUNCTIONS(LEAT_ODBC_MEMBER)
#undef LEAT_ODBC_MEMBER
  SQLHENV environment = nullptr;  ///< of this process
};

/// Opens libodbc.so.2 at the first call; it stays until the process ends. Thread-safe. SRC-298 kEnvironment: it is not there.
Result<const DriverManager*> LoadDriverManager();

}  // namespace leat::components::odbc
