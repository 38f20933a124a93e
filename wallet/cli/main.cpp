#include "inference/telemetry.hpp"
#include "wallet/cli/program.hpp"

int main(int argc, char** argv)
{
    inference::disable_telemetry();
    return wallet::cli::run(argc, argv);
}
