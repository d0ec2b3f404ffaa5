[smallcrm]
title="smallcrm"
desc="smallcrm"
port_forward="yes"
dst.ports="8070/tcp"
