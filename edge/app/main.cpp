#include "edge/app/program.hpp"
#include "ledger/crypto/core_dumps.hpp"

int main(int argc, char** argv)
{
    ledger::keep_out_of_core_dumps();
    return edge::app::run(argc, argv);
}
