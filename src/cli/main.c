/* uctriage: says from logs why federated SIP calls failed and what to change. */
#include "cli.h"

int main(int argc, char **argv)
{
    return uct_cli_main(argc, argv);
}
