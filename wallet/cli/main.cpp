#include "inference/telemetry.hpp"
#include "ledger/crypto/core_dumps.hpp"
#include "wallet/cli/program.hpp"

int main(int argc, char** argv)
{
    ledger::keep_out_of_core_dumps();
    inference::disable_telemetry();
    return wallet::cli::run(argc, argv);
}
