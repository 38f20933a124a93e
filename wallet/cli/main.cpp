#include "wallet/cli/program.hpp"

int main(int argc, char** argv)
{
    return wallet::cli::run(argc, argv);
}
