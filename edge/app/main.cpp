#include "edge/app/program.hpp"

int main(int argc, char** argv)
{
    return edge::app::run(argc, argv);
}
